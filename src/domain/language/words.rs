//! The words of each language that say nothing about the matter, and the endings that its words lose.

use super::Language;

/// Words that say nothing about the matter, those of metrics ("share of", "average") among them.
const ENGLISH: &str = " a an the and or of to in on for with by from at as is are be been being was were that this these those it its \
    their them they which who whose what when where how than then so such not no nor any all each every other others own same into \
    out over under between within without about after before during while until up down also only both more most less least very can \
    may will shall should would must could has have had do does did done if because per via e g i eg ie etc there here we our us you \
    your he she his her one two three share number count percentage percent rate ratio total average median mean whether using used \
    use including include includes included ";
const GERMAN: &str = " der die das den dem des ein eine einen einem einer eines und oder aber von vom zu zum zur in im an am auf aus bei \
    mit nach fur uber unter vor durch gegen ohne um bis als wie ist sind war wurde wurden wird werden worden sein hat haben kann konnen \
    soll sollen muss mussen nicht kein keine nur auch noch sich es er sie wir man dass ob wenn welche welcher deren dessen diese dieser \
    je pro alle aller jede jeder anteil anzahl prozent prozentsatz quote zahl durchschnittliche durchschnitt mittlere summe gesamt tage tagen stunden monate jahr jahre andere anderen anderer beispiel sowie hinsichtlich \
    bezuglich durchgefuhrt durchgefuhrte durchgefuhrten stufe verwendet verwendete ";
const FRENCH: &str = " le la les l un une des du de d au aux a en et ou dans par pour sur sous avec sans entre chez vers qui que qu dont \
    ou ce cet cette ces son sa ses leur leurs est sont etre ete a ont avoir fait ne pas n plus moins tres se s il elle ils elles on nous \
    vous tout tous toute toutes chaque selon afin lors depuis si y taux nombre pourcentage part proportion ratio total moyen moyenne \
    mediane jour jours heures mois an ans doit doivent devoir peut peuvent mis mise mises autre autres exemple matiere cas echeant ainsi \
    notamment lorsque lorsqu niveau concernant relatif relatifs relative relatives utilise utilises utilisee utilisees effectue effectuee \
    effectues effectuees ";
const SPANISH: &str = " el la los las un una unos unas de del a al en y e o u con sin por para sobre entre desde hasta que quien cuyo cuya \
    es son ser fue fueron esta estan ha han haber se su sus lo le les no ni mas menos muy como cuando donde si cada todo todos toda todas \
    segun tras este estos estas porcentaje numero tasa proporcion ratio total promedio media mediana cantidad dias horas meses ano anos debe deben deber puede pueden otro otros otra otras ejemplo caso asi \
    relativo relativos relativa relativas nivel realizado realizada realizados realizadas ";
const DUTCH: &str = " de het een en of van in op aan bij met zonder voor door naar tot uit over onder tegen om te als dan dat die dit deze \
    is zijn was waren wordt worden werd werden heeft hebben had kan kunnen moet moeten zal niet geen er ze zij wij we hun hen haar wat \
    wie welke waar ook nog alle elk elke per binnen na tijdens tussen percentage aantal aandeel verhouding gemiddelde gemiddeld totaal \
    dag dagen uur uren maanden jaar dient dienen worden andere ander voorbeeld zodat zoals betreffende gebruikt uitgevoerd uitgevoerde \
    niveau ";

/// What an English word loses at its end, longest first.
const ENGLISH_ENDINGS: [&str; 31] = [
    "ations", "ation", "ements", "ement", "ments", "ment", "ingly", "edly", "ings", "ing", "ied", "ed", "ers", "er", "ions",
    "ion", "ities", "ity", "ance", "ence", "able", "ible", "ally", "ly", "ive", "al", "ate", "ize", "ise", "ness", "ency",
];
const GERMAN_ENDINGS: [&str; 33] = [
    "ierungen", "ierung", "ierenden", "ierten", "ierter", "iertes", "ierte", "ieren", "iert", "ungen", "ung", "heiten", "heit",
    "keiten", "keit", "lichen", "licher", "liche", "lich", "ischen", "ische", "isch", "ten", "ter", "tes", "te", "en", "em",
    "er", "es", "e", "n", "s",
];
const FRENCH_ENDINGS: [&str; 36] = [
    "issements", "issement", "ellement", "ements", "ement", "ations", "ation", "itions", "ition", "ateurs", "ateur", "atrice",
    "ances", "ance", "ences", "ence", "ites", "ite", "iques", "ique", "ives", "ive", "ifs", "if", "euses", "eurs", "eur",
    "ees", "ee", "es", "er", "ir", "e", "s", "x", "i",
];
const SPANISH_ENDINGS: [&str; 36] = [
    "amientos", "imientos", "amiento", "imiento", "aciones", "iciones", "acion", "icion", "idades", "idad", "mente", "ancias",
    "ancia", "encias", "encia", "adoras", "adores", "adora", "ador", "adas", "ados", "idas", "idos", "ada", "ado", "ida",
    "ido", "ar", "er", "ir", "es", "os", "as", "o", "a", "e",
];
const DUTCH_ENDINGS: [&str; 24] = [
    "heden", "heid", "eringen", "ering", "ingen", "ing", "elijke", "elijk", "ische", "isch", "eerde", "eerd", "eren", "eert",
    "aties", "atie", "den", "de", "ten", "te", "en", "e", "s", "d",
];

/// Words of metrics that say more about the figure than about the matter.
const FAINT: [(Language, &str); 5] = [
    (
        Language::English,
        " coverage covered complete completed completion completeness adoption achieved overdue outstanding open opened closed late \
         timely day days week weeks month months quarter quarters year years hour hours minute minutes annual annually yearly \
         quarterly monthly weekly daily target targets status level trend older met failed failure passed success successful \
         current new last ",
    ),
    (
        Language::German,
        " abdeckung abgeschlossen abgeschlossene uberfallig uberfallige offen offene fristgerecht rechtzeitig erfolgreich ",
    ),
    (
        Language::French,
        " couverture realise realises realisee realisees retard delai delais ouvert ouvertes ouverts reussi reussis reussite ",
    ),
    (Language::Spanish, " cobertura realizado completado completada vencido vencidas plazo abierto abiertas exito "),
    (Language::Dutch, " dekking afgerond achterstallig achterstallige openstaand openstaande tijdig tijd geslaagd geslaagde "),
];

impl Language {
    /// Words of metrics that say more about the figure than about the matter, between blanks, without accents.
    pub(in crate::domain) fn faint(self) -> &'static str {
        FAINT.iter().find(|(language, _)| *language == self).map_or("", |(_, words)| words)
    }

    /// Words that say nothing about the matter, between blanks, without accents.
    pub(in crate::domain) fn empty(self) -> &'static str {
        match self {
            Language::English => ENGLISH,
            Language::German => GERMAN,
            Language::French => FRENCH,
            Language::Spanish => SPANISH,
            Language::Dutch => DUTCH,
        }
    }

    /// What a word loses at its end, longest first.
    pub(in crate::domain) fn endings(self) -> &'static [&'static str] {
        match self {
            Language::English => &ENGLISH_ENDINGS,
            Language::German => &GERMAN_ENDINGS,
            Language::French => &FRENCH_ENDINGS,
            Language::Spanish => &SPANISH_ENDINGS,
            Language::Dutch => &DUTCH_ENDINGS,
        }
    }

    /// Whether its words are joined into one, and its participles begin with `ge`.
    pub(in crate::domain) fn compounds(self) -> bool {
        matches!(self, Language::German | Language::Dutch)
    }
}
