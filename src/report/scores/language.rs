//! The words of a report in four languages. What stands in the database, such as names and units, stays as it is.

use rust_decimal::Decimal;

/// The language of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English
    #[default]
    En,
    /// German
    De,
    /// French
    Fr,
    /// Spanish
    Es,
}

/// English, German, French, Spanish. A mark such as {} stands for a figure or a name.
const WORDS: &[[&str; 4]] = &[
    ["Overview", "Überblick", "Aperçu", "Resumen"],
    ["Functions", "Funktionen", "Fonctions", "Funciones"],
    ["Function", "Funktion", "Fonction", "Función"],
    ["Categories", "Kategorien", "Catégories", "Categorías"],
    ["Category", "Kategorie", "Catégorie", "Categoría"],
    ["Trend", "Verlauf", "Évolution", "Evolución"],
    ["Gaps", "Lücken", "Écarts", "Brechas"],
    ["Worst gaps", "Größte Lücken", "Principaux écarts", "Mayores brechas"],
    ["Data quality", "Datenqualität", "Qualité des données", "Calidad de los datos"],
    ["Method", "Methode", "Méthode", "Método"],
    ["Method and parameters", "Methode und Parameter", "Méthode et paramètres", "Método y parámetros"],
    ["Provenance", "Herkunft", "Provenance", "Procedencia"],
    ["Sections", "Abschnitte", "Sections", "Secciones"],
    ["Skip to the scores", "Zu den Werten", "Aller aux scores", "Ir a las puntuaciones"],
    ["State of", "Stand", "État au", "Estado a"],
    ["Overall", "Gesamt", "Ensemble", "Global"],
    ["Overall score", "Gesamtwert", "Score global", "Puntuación global"],
    ["of 100. Risk rating", "von 100. Risiko", "sur 100. Risque", "de 100. Riesgo"],
    ["of 100", "von 100", "sur 100", "de 100"],
    ["no score", "ohne Wert", "sans score", "sin puntuación"],
    ["Score", "Wert", "Score", "Puntuación"],
    ["Risk", "Risiko", "Risque", "Riesgo"],
    ["Very Low", "Sehr gering", "Très faible", "Muy bajo"],
    ["Low", "Gering", "Faible", "Bajo"],
    ["Medium", "Mittel", "Moyen", "Medio"],
    ["High", "Hoch", "Élevé", "Alto"],
    ["Very High", "Sehr hoch", "Très élevé", "Muy alto"],
    ["{} from {}", "{} ab {}", "{} à partir de {}", "{} desde {}"],
    ["Very High below {}", "Sehr hoch unter {}", "Très élevé sous {}", "Muy alto por debajo de {}"],
    ["Ratings", "Stufen", "Niveaux", "Niveles"],
    ["Code", "Code", "Code", "Código"],
    ["Bar", "Balken", "Barre", "Barra"],
    ["Metrics", "Metriken", "Indicateurs", "Métricas"],
    ["Metric", "Metrik", "Indicateur", "Métrica"],
    ["Name", "Name", "Nom", "Nombre"],
    ["Owner", "Verantwortlich", "Responsable", "Responsable"],
    ["Value", "Istwert", "Valeur", "Valor"],
    ["Target", "Ziel", "Cible", "Objetivo"],
    ["Priority", "Priorität", "Priorité", "Prioridad"],
    ["Points", "Punkte", "Points", "Puntos"],
    ["Missing", "Es fehlt", "Manque", "Falta"],
    ["Direction", "Richtung", "Sens", "Sentido"],
    ["Told by", "Erkannt an", "Déduit de", "Deducido de"],
    ["Newest reading", "Letzter Messwert", "Dernière mesure", "Última medición"],
    ["Days old", "Tage alt", "Jours", "Días"],
    ["Fresh", "Aktuell", "À jour", "Al día"],
    ["Metrics scored", "Bewertete Metriken", "Indicateurs évalués", "Métricas evaluadas"],
    ["Left out", "Nicht bewertet", "Non évalués", "Sin evaluar"],
    ["Strongest function", "Stärkste Funktion", "Fonction la plus forte", "Función más fuerte"],
    ["Weakest function", "Schwächste Funktion", "Fonction la plus faible", "Función más débil"],
    ["Change", "Änderung", "Variation", "Cambio"],
    ["{} since {}", "{} seit {}", "{} depuis le {}", "{} desde {}"],
    ["Change since {}", "Änderung seit {}", "Variation depuis le {}", "Cambio desde {}"],
    ["Causes", "Ursachen", "Causes", "Causas"],
    ["What moved the score", "Was den Wert bewegt hat", "Ce qui a fait varier le score", "Lo que movió la puntuación"],
    ["Before", "Vorher", "Avant", "Antes"],
    ["After", "Nachher", "Après", "Después"],
    ["Reading", "Messwert", "Mesure", "Medición"],
    ["Signal", "Signal", "Signal", "Señal"],
    ["Radar", "Radar", "Radar", "Radar"],
    ["Radar of the functions", "Radar der Funktionen", "Radar des fonctions", "Radar de las funciones"],
    ["Trend of {}", "Verlauf: {}", "Évolution : {}", "Evolución: {}"],
    ["Heat map of the categories", "Kategorien als Karte", "Carte des catégories", "Mapa de las categorías"],
    [
        "Score in percent of target, and the risk it stands for",
        "Wert in Prozent des Ziels und das Risiko, für das er steht",
        "Score en pourcentage de la cible, et le risque qu’il représente",
        "Puntuación en porcentaje del objetivo y el riesgo que representa",
    ],
    [
        "Points that the overall score would gain if only this metric reached its target",
        "Punkte, um die der Gesamtwert stiege, wenn allein diese Metrik ihr Ziel erreichte",
        "Points que gagnerait le score global si cet indicateur seul atteignait sa cible",
        "Puntos que subiría la puntuación global si solo esta métrica alcanzara su objetivo",
    ],
    [
        "Every metric with a target has reached it.",
        "Jede Metrik mit einem Ziel hat es erreicht.",
        "Chaque indicateur qui a une cible l’a atteinte.",
        "Cada métrica con objetivo lo ha alcanzado.",
    ],
    [
        "Every metric has a recent reading and a target.",
        "Jede Metrik hat einen neuen Messwert und ein Ziel.",
        "Chaque indicateur a une mesure récente et une cible.",
        "Cada métrica tiene una medición reciente y un objetivo.",
    ],
    ["Not scoreable: {}", "Nicht bewertbar: {}", "Non évaluables : {}", "No evaluables: {}"],
    ["Assumed directions: {}", "Angenommene Richtungen: {}", "Sens supposés : {}", "Sentidos supuestos: {}"],
    ["Stale: {}", "Veraltet: {}", "Périmés : {}", "Desactualizadas: {}"],
    ["Not mapped: {}", "Nicht zugeordnet: {}", "Non affectés : {}", "Sin asignar: {}"],
    [", the first {}", ", die ersten {}", ", les {} premiers", ", las {} primeras"],
    ["Left out of every mean", "In keinem Mittelwert", "Hors de toute moyenne", "Fuera de toda media"],
    [
        "Scored by a direction that nobody set",
        "Bewertet nach einer Richtung, die niemand angegeben hat",
        "Évalués dans un sens que personne n’a indiqué",
        "Evaluadas en un sentido que nadie indicó",
    ],
    [
        "Without a recent reading", "Ohne einen Messwert, der neu genug ist", "Sans mesure assez récente",
        "Sin una medición lo bastante reciente",
    ],
    ["Owners", "Verantwortliche", "Responsables", "Responsables"],
    ["nobody", "niemand", "personne", "nadie"],
    [
        "Written by cmf. This page is complete: it loads nothing and runs no script.",
        "Geschrieben von cmf. Diese Seite ist vollständig: Sie lädt nichts und führt kein Skript aus.",
        "Écrit par cmf. Cette page se suffit : elle ne charge rien et n’exécute aucun script.",
        "Escrito por cmf. Esta página está completa: no carga nada ni ejecuta ningún script.",
    ],
    ["Higher is better", "Höher ist besser", "Plus haut est mieux", "Más alto es mejor"],
    ["Lower is better", "Niedriger ist besser", "Plus bas est mieux", "Más bajo es mejor"],
    ["Target range", "Zielbereich", "Plage cible", "Rango objetivo"],
    ["Yes or no", "Ja oder nein", "Oui ou non", "Sí o no"],
    ["Means", "Mittelwerte", "Moyennes", "Promedios"],
    ["Weights", "Gewichte", "Poids", "Pesos"],
    ["Risk ratings", "Risikostufen", "Niveaux de risque", "Niveles de riesgo"],
    ["Rounding", "Rundung", "Arrondi", "Redondeo"],
    [
        "100 at the target or above, else 100 × value / target",
        "100 am Ziel oder darüber, sonst 100 × Istwert / Ziel",
        "100 à la cible ou au-dessus, sinon 100 × valeur / cible",
        "100 en el objetivo o por encima; si no, 100 × valor / objetivo",
    ],
    [
        "100 at the target or below, else 100 × target / value",
        "100 am Ziel oder darunter, sonst 100 × Ziel / Istwert",
        "100 à la cible ou au-dessous, sinon 100 × cible / valeur",
        "100 en el objetivo o por debajo; si no, 100 × objetivo / valor",
    ],
    [
        "100 inside, else 100 less the distance to the nearer bound in percent of the width, at least 0",
        "100 innerhalb, sonst 100 weniger den Abstand zur näheren Grenze in Prozent der Breite, mindestens 0",
        "100 à l’intérieur, sinon 100 moins l’écart à la borne la plus proche en pourcentage de la largeur, au moins 0",
        "100 dentro; si no, 100 menos la distancia al límite más cercano en porcentaje de la anchura, al menos 0",
    ],
    [
        "100 when the value is the target, else 0",
        "100, wenn der Istwert das Ziel ist, sonst 0",
        "100 quand la valeur est la cible, sinon 0",
        "100 cuando el valor es el objetivo; si no, 0",
    ],
    [
        "category is the weighted mean of its metrics, function the mean of its categories, overall the mean of the functions",
        "eine Kategorie ist das gewichtete Mittel ihrer Metriken, eine Funktion das Mittel ihrer Kategorien, der Gesamtwert das Mittel \
         der Funktionen",
        "une catégorie est la moyenne pondérée de ses indicateurs, une fonction la moyenne de ses catégories, l’ensemble la moyenne \
         des fonctions",
        "una categoría es el promedio ponderado de sus métricas, una función el promedio de sus categorías, el global el promedio de \
         las funciones",
    ],
    [
        "function is the weighted mean of all its metrics, overall the mean of the functions",
        "eine Funktion ist das gewichtete Mittel aller ihrer Metriken, der Gesamtwert das Mittel der Funktionen",
        "une fonction est la moyenne pondérée de tous ses indicateurs, l’ensemble la moyenne des fonctions",
        "una función es el promedio ponderado de todas sus métricas, el global el promedio de las funciones",
    ],
    [
        "metrics without a reading, a target or both bounds are not part of any mean",
        "Metriken ohne Messwert, ohne Ziel oder ohne beide Grenzen zählen in keinem Mittelwert",
        "les indicateurs sans mesure, sans cible ou sans leurs deux bornes ne comptent dans aucune moyenne",
        "las métricas sin medición, sin objetivo o sin ambos límites no cuentan en ningún promedio",
    ],
    [
        "the share of the weight with a recent reading",
        "der Anteil des Gewichts mit einem neuen Messwert",
        "la part du poids qui a une mesure récente",
        "la parte del peso con una medición reciente",
    ],
    [
        "the range of the score if all other metrics were at 0 or at 100",
        "der Bereich des Werts, wenn alle anderen Metriken bei 0 oder bei 100 stünden",
        "l’intervalle du score si tous les autres indicateurs étaient à 0 ou à 100",
        "el intervalo de la puntuación si todas las demás métricas estuvieran en 0 o en 100",
    ],
    [
        "days until a metric is stale:",
        "Tage, bis eine Metrik veraltet ist:",
        "jours avant qu’un indicateur soit périmé :",
        "días hasta que una métrica está desactualizada:",
    ],
    [
        "a metric is stale after its frequency times",
        "eine Metrik ist veraltet nach ihrer Häufigkeit mal",
        "un indicateur est périmé après sa fréquence fois",
        "una métrica está desactualizada tras su frecuencia por",
    ],
    [
        "days if no frequency is set:",
        "Tage, wo niemand die Häufigkeit angegeben hat:",
        "jours quand personne n’a indiqué la fréquence :",
        "días cuando nadie indicó la frecuencia:",
    ],
    [
        "stale metrics count with their last value",
        "veraltete Metriken zählen mit ihrem letzten Wert",
        "les indicateurs périmés comptent avec leur dernière valeur",
        "las métricas desactualizadas cuentan con su último valor",
    ],
    [
        "stale metrics are not part of any mean",
        "veraltete Metriken zählen in keinem Mittelwert",
        "les indicateurs périmés ne comptent dans aucune moyenne",
        "las métricas desactualizadas no cuentan en ningún promedio",
    ],
    ["Very High below", "darunter sehr hoch", "au-dessous très élevé", "por debajo muy alto"],
    ["decided before rounding", "vor dem Runden bestimmt", "déterminés avant l’arrondi", "tomados antes de redondear"],
    [
        "half away from zero to two decimals, only when shown or stored",
        "halbe von null weg auf zwei Dezimalen, nur wo gezeigt oder gespeichert wird",
        "les demis à l’opposé de zéro, à deux décimales, seulement à l’affichage ou à l’enregistrement",
        "los medios alejándose de cero, a dos decimales, solo al mostrar o guardar",
    ],
];

impl Language {
    pub const ALL: [Language; 4] = [Language::En, Language::De, Language::Fr, Language::Es];

    /// The code of the language.
    pub const fn code(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::De => "de",
            Language::Fr => "fr",
            Language::Es => "es",
        }
    }

    /// Words that are the same in all reports of this language; those that it lacks stay English.
    pub fn word(self, english: &str) -> &str {
        let known = WORDS.iter().find(|words| words[0] == english);
        debug_assert!(known.is_some(), "no words for `{english}`");
        known.map_or(english, |words| words[self as usize])
    }

    /// The same with figures or names in place of its marks.
    pub fn fill(self, english: &str, parts: &[&str]) -> String {
        parts.iter().fold(self.word(english).to_owned(), |text, part| text.replacen("{}", part, 1))
    }

    /// How the scores were made, in this language; a text that it lacks stays English.
    pub fn method(self, rows: &[(String, String)]) -> Vec<(String, String)> {
        rows.iter().map(|(name, text)| (self.known(name).unwrap_or(name).to_owned(), self.told(text))).collect()
    }

    fn known(self, english: &str) -> Option<&'static str> {
        WORDS.iter().find(|words| words[0] == english).map(|words| words[self as usize])
    }

    /// A whole text, or a list of parts such as `High 1` and `Very Low from 90`.
    fn told(self, text: &str) -> String {
        if let Some(known) = self.known(text) {
            return known.to_owned();
        }
        for mark in ["; ", ", "] {
            if text.contains(mark) {
                return text.split(mark).map(|part| self.told(part)).collect::<Vec<_>>().join(mark);
            }
        }
        let Some((word, number)) = text.rsplit_once(' ').filter(|(_, number)| number.parse::<Decimal>().is_ok()) else {
            return text.to_owned();
        };
        let number = self.figures(number);
        match word.strip_suffix(" from") {
            Some(rating) => self.fill("{} from {}", &[self.known(rating).unwrap_or(rating), &number]),
            None => format!("{} {number}", self.known(word).unwrap_or(word)),
        }
    }

    /// A figure as the language writes it.
    pub fn number(self, number: Decimal) -> String {
        self.figures(&number.to_string())
    }

    /// A text of figures as the language writes it: with its decimal mark.
    pub fn figures(self, text: &str) -> String {
        if self == Language::En { text.to_owned() } else { text.replace('.', ",") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_once_in_all_languages_with_the_same_marks() {
        for (at, words) in WORDS.iter().enumerate() {
            assert!(words.iter().all(|word| !word.is_empty()), "{words:?}");
            let marks = words.map(|word| word.matches("{}").count());
            assert!(marks.iter().all(|count| *count == marks[0]), "{words:?}");
            assert!(WORDS[..at].iter().all(|other| other[0] != words[0]), "{words:?} is there twice");
        }
    }

    #[test]
    fn numbers_and_words_are_those_of_the_language() {
        let half = Decimal::new(7450, 2);
        assert_eq!([Language::En, Language::De].map(|language| language.number(half)), ["74.50", "74,50"]);
        assert_eq!(Language::Fr.word("Very High"), "Très élevé");
        assert_eq!(Language::De.fill("{} from {}", &["Gering", "75"]), "Gering ab 75");
    }
}
