//! Words by which a row says that it is no metric: sums and means, examples, and texts about the sheet.

use crate::domain::code::CodeIndex;
use crate::domain::item::normalised;

/// Words that alone say that a row sums up.
const TOTALS: [&str; 52] = [
    "total", "totals", "grand total", "sub total", "subtotal", "sum", "average", "averages", "avg", "mean", "median",
    "overall", "overall total", "overall average", "gesamt", "summe", "gesamtsumme", "gesamtergebnis", "zwischensumme",
    "mittelwert", "durchschnitt", "total général", "total general", "sous total", "somme", "moyenne", "médiane", "total geral",
    "suma", "soma", "promedio", "media", "média", "mediana", "totale", "totale generale", "totale parziale", "subtotale",
    "somma", "totaal", "subtotaal", "eindtotaal", "som", "gemiddelde", "mediaan", "razem", "średnia", "итого", "合计", "合計",
    "总计", "平均",
];

/// Words that say so where the figures or the other rows bear it out.
const SUMMARIES: [&str; 62] = [
    "count", "counts", "number", "min", "max", "minimum", "maximum", "lowest", "highest", "best", "worst", "result", "results",
    "all", "ø", "∅", "σ", "score", "scores", "rating", "summary", "final", "grand", "weighted", "unweighted", "overall",
    "stdev", "std", "dev", "standard", "deviation", "variance", "general", "générale", "generale", "général", "gesamtwert",
    "gesamtscore", "gesamtnote", "ergebnis", "anzahl", "minimalwert", "maximalwert", "insgesamt", "résultat", "résultats",
    "nombre", "número", "resultado", "resultados", "global", "risultato", "numero", "resultaat", "aantal", "wynik", "suma",
    "среднее", "всего", "总数", "平均值", "総計",
];

/// Words that may stand beside them.
const BESIDE: [&str; 59] = [
    "of", "the", "for", "by", "per", "and", "in", "it", "section", "function", "functions", "category", "categories", "metric",
    "metrics", "kpi", "kpis", "indicator", "indicators", "control", "controls", "row", "rows", "maturity", "compliance",
    "value", "values", "current", "target", "targets", "actual", "complete", "completion", "level", "percent", "percentage",
    "%", "nist", "csf", "cybersecurity", "security", "this", "sheet", "page", "table", "aller", "alle", "der", "über",
    "kennzahl", "kennzahlen", "metriken", "werte", "des", "de", "la", "les", "indicateurs", "indicadores",
];

/// Functions of the bundled frameworks, where the index knows others.
const FUNCTIONS: [&str; 10] =
    ["govern", "identify", "protect", "detect", "respond", "recover", "map", "measure", "manage", "section"];

const FOOTERS: [&str; 36] = [
    "note", "notes", "source", "sources", "legend", "key", "scale", "generated", "last updated", "updated", "confidential",
    "disclaimer", "copyright", "©", "page", "prepared by", "end of", "classification", "version", "author", "approved by",
    "reviewed by", "report date", "change log", "changelog", "revision history", "quelle", "legende", "hinweis", "stand",
    "seite", "vertraulich", "fuente", "leyenda", "légende", "änderungshistorie",
];

/// Whether this word alone sums up; the text is [`normalised`].
pub fn is_total(word: &str) -> bool {
    TOTALS.contains(&word)
}

/// `total: 5`, `total number of metrics`: a text that stands alone and begins so.
pub fn is_total_of(word: &str) -> bool {
    TOTALS.iter().any(|total| word.strip_prefix(total).is_some_and(|rest| rest.starts_with(':')))
        || word.strip_prefix("total ").is_some_and(|rest| rest.starts_with("of ") || rest.starts_with("number of "))
}

/// `Subtotal Identify`, `Average Protect`: of a part of the sheet, by the name of a function.
pub fn is_part_total(text: &str) -> bool {
    let word = normalised(text);
    let Some((total, part)) = word.rsplit_once(' ') else { return false };
    is_total(total) && (FUNCTIONS.contains(&part) || total.starts_with("sub"))
}

/// Whether a text could be a word that sums up, by its first letter.
pub fn may_be_total(text: &str) -> bool {
    let first = |text: &str| text.bytes().find(u8::is_ascii_alphanumeric).map(|first| first.to_ascii_lowercase());
    !text.is_ascii() || TOTALS.iter().any(|total| first(total) == first(text))
}

/// Whether a text names a total and nothing else.
pub fn names_total(text: &str) -> bool {
    text.len() <= 40 && may_be_total(text) && is_total(&normalised(text))
}

/// `PROTECT average`, `Average score (PR)`, `Number of KPIs`, `Ø`: words that sum up, and others beside them.
pub fn is_summary(name: &str, index: Option<&CodeIndex>) -> bool {
    if name.len() > 60 {
        return false;
    }
    let mut sums = false;
    let is_known = |word: &str| {
        BESIDE.contains(&word) || FUNCTIONS.contains(&word) || index.is_some_and(|index| index.find(word).is_some())
    };
    let name = normalised(name);
    for word in name.split([' ', '(', ')', '[', ']', ':', ',', '/', '.', '&']).filter(|word| !word.is_empty()) {
        if TOTALS.contains(&word) || SUMMARIES.contains(&word) {
            sums = true;
        } else if !is_known(word) {
            return false;
        }
    }
    sums
}

/// Whether this is what stands below a table; the text is [`normalised`].
pub fn is_footer(word: &str) -> bool {
    FOOTERS.contains(&word)
}

/// `Version | 1.2`: what a sheet says of itself with a number or a date.
pub fn is_stamp(word: &str) -> bool {
    ["version", "revision", "date", "datum", "page", "seite", "report date", "last updated", "updated", "stand", "as of"]
        .contains(&word)
}

/// `Source: the register`.
pub fn begins_footer(word: &str) -> bool {
    FOOTERS.iter().any(|start| word.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', ' '])))
}

/// Whether what is explained, or a history, follows this text; it is [`normalised`].
pub fn is_legend(word: &str) -> bool {
    const LEGENDS: [&str; 14] = [
        "legend", "legende", "légende", "leyenda", "legenda", "change log", "changelog", "change history", "revision history",
        "version history", "rating scale", "rag key", "color key", "colour key",
    ];
    LEGENDS.contains(&word)
}

/// `Example: ...`, `Exemple`, `EXAMPLE ROW - delete`, `z. B. ...`, `(example) ...`.
pub fn is_example(text: &str) -> bool {
    const STARTS: [&str; 16] = [
        "example", "beispiel", "exemple", "ejemplo", "esempio", "exemplo", "voorbeeld", "przykład", "sample", "muster",
        "пример", "例", "beispielzeile", "beispielkennzahl", "template row", "dummy",
    ];
    const SHORT: [&str; 8] = ["e.g.", "e.g ", "z. b.", "z.b.", "p. ex.", "p.ex.", "p. ej.", "p.ej."];
    /// What may follow the word, so that the two say nothing else.
    const AFTER: [&str; 14] = [
        "row", "line", "entry", "metric", "kpi", "record", "only", "data", "zeile", "kennzahl", "ligne", "fila", "do", "delete",
    ];
    const ORDERS: [&str; 6] =
        ["delete this row", "delete me", "remove this row", "zeile löschen", "supprimer cette ligne", "eliminar esta fila"];
    let word: String = text.trim().chars().take(60).flat_map(char::to_lowercase).collect();
    let bare = word.trim_start_matches(['<', '[', '(', '#', '*']);
    let is_marked = bare.len() < word.len();
    let follows = |rest: &str| {
        // `Example-based` is a word of its own.
        let is_joined = rest.starts_with('-');
        let rest = rest.trim_start();
        let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.is_empty()
            || rest.starts_with([':', '：', ']', ')', '>', '–', '—', '(', '*'])
            || rest.starts_with('-') && !is_joined
            || behind.len() < rest.len() && (behind.is_empty() || behind.starts_with([':', '.', ')']))
            || is_marked
            || AFTER.contains(&rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default())
    };
    STARTS.iter().any(|start| {
        bare.strip_prefix(start)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() && c.is_ascii()) && follows(rest))
    }) || SHORT.iter().any(|start| bare.starts_with(start))
        || ORDERS.iter().any(|order| word.contains(order))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_sum_up_are_told_from_names() {
        for name in [
            "Count", "Overall score", "PROTECT average", "Gesamtergebnis", "Min", "Result", "All", "Ø",
            "Average score (PROTECT)", "Number of KPIs", "Std dev", "Moyenne générale", "NIST CSF average",
            "Mittelwert aller Kennzahlen",
        ] {
            assert!(is_summary(name, None), "{name}");
        }
        for name in [
            "", "PROTECT", "Phishing score", "Mean time to detect", "All laptops encrypted", "Count of open incidents",
            "Total cost", "Security metrics", "Maximum outage",
        ] {
            assert!(!is_summary(name, None), "{name}");
        }
    }

    #[test]
    fn examples_are_told_from_metrics_that_are_about_examples() {
        for text in [
            "Example", "EXAMPLE ROW - delete", "Example 1: patch rate", "Exemple : taux", "Beispiel: Anteil",
            "Sample metric (delete me)", "(example) Patch rate", "Example metric", "例: x", "e.g. share", "Delete this row",
            "<Example name>",
        ] {
            assert!(is_example(text), "{text}");
        }
        for text in [
            "", "Examples reviewed", "Sample restores tested", "Samples analysed in a day", "Example-based training held",
            "Musterverträge geprüft", "Exemplary audits",
        ] {
            assert!(!is_example(text), "{text}");
        }
    }
}
