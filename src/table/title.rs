//! What a workbook calls itself: its title among its properties, else the title above its table.

use super::row::{Kind, Row};
use crate::domain::item::normalised;
use crate::domain::period::Period;

/// The longest title that a catalog is called by, in characters.
const LONGEST: usize = 100;

/// What programs write if nobody gave a title.
const NONE: [&str; 12] = [
    "microsoft excel", "excel", "workbook", "worksheet", "untitled", "title", "template", "spreadsheet", "book1", "mappe1",
    "classeur1", "libro1",
];

/// Whether a text can be a title: words that name something, neither a period nor a remark about the sheet.
fn is_title(text: &str) -> bool {
    const REMARKS: [&str; 8] =
        ["confidential", "internal", "draft", "public", "restricted", "vertraulich", "intern", "confidentiel"];
    let word = normalised(text);
    let length = text.chars().count();
    (3..=LONGEST).contains(&length)
        && text.chars().filter(|c| c.is_alphabetic()).count() >= 3
        && !text.contains([':', ';', '\n', '\u{fffd}'])
        && !text.chars().any(char::is_control)
        && !text.ends_with(['.', '!', '?'])
        && !NONE.contains(&word.as_str())
        && !REMARKS.iter().any(|remark| word.starts_with(remark))
        && Period::parse(text).is_none()
}

/// The title, and where it stands. `above` are the rows above the header.
pub(super) fn of(property: Option<&str>, above: &[Row]) -> Option<(String, String)> {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(title) = property.map(plain).filter(|title| is_title(title)) {
        return Some((title, "the workbook's title".to_owned()));
    }
    let row = above.iter().find(|row| !row.is_blank())?;
    let mut cells = row.cells().filter(|cell| !cell.is_blank());
    let first = cells.next().filter(|cell| cell.kind == Kind::Text)?;
    let title = plain(first.text);
    // A title that is merged over its columns may be there several times.
    let is_alone = cells.all(|cell| plain(cell.text) == title);
    (is_alone && is_title(&title)).then(|| (title, format!("the title in row {}", row.number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_names_something() {
        for text in ["Security metrics", "KPI-Bericht 2026", "NIST CSF 2.0 scorecard", "Kennzahlen der IT-Sicherheit"] {
            assert!(is_title(text), "{text}");
        }
        for text in [
            "", "KP", "October 2026", "Q1 2026", "2026", "Confidential", "Microsoft Excel", "Book1", "Owner: Ann",
            "Fill in the yellow cells.",
        ] {
            assert!(!is_title(text), "{text}");
        }
    }

    #[test]
    fn the_property_comes_first_and_a_row_of_several_cells_is_no_title() {
        let row = |cells: &[&str]| {
            let mut row = Row::default();
            row.clear(1);
            for cell in cells {
                row.push(Kind::Text, cell);
            }
            row
        };
        let title = |property, cells: &[&str]| of(property, &[row(cells)]).map(|(title, _)| title);
        assert_eq!(title(Some("Board KPIs"), &["Security metrics"]).as_deref(), Some("Board KPIs"));
        assert_eq!(title(Some("Microsoft Excel"), &["Security  metrics", ""]).as_deref(), Some("Security metrics"));
        assert_eq!(title(None, &["Security metrics", "Owner"]), None);
    }
}
