//! Text in columns, piece by piece, as records: where a cell and a record end, and what is wrong with how they are written.

use super::form::{Dialect, LONGEST_CELL, LONGEST_ROW, WIDEST_ROW};
use super::row::{Fault, Flow, Row, Sink};
use crate::error::{Error, Place, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the start of a cell, perhaps after blanks.
    Start,
    /// In a cell without quotes.
    Plain,
    Quoted,
    /// After the mark that makes the next quote a part of the text.
    Escaped,
    /// After a quote inside quotes: its end, or half of a doubled one.
    Closing,
    /// After a closing quote and blanks.
    Closed,
}

/// Turns text into records, fed in pieces. A quote that is not closed as it should be ends with its line: what follows is read
/// as records of its own.
pub(super) struct Parser {
    dialect: Dialect,
    state: State,
    pub(super) row: Row,
    pub(super) line: u64,
    quote_line: u64,
    /// Whether the record has anything, so that the end of the file ends it.
    open: bool,
    after_cr: bool,
    /// Of a record of several lines: its first line as a record of its own, and the lines after it as they came in.
    first: Option<Row>,
    rest: String,
    rest_after_cr: bool,
    /// How many cells of the record stand in single quotes.
    singles: usize,
}

impl Parser {
    pub(super) fn new(dialect: Dialect) -> Self {
        let mut row = Row::default();
        row.clear(1);
        Parser {
            dialect,
            state: State::Start,
            row,
            line: 1,
            quote_line: 0,
            open: false,
            after_cr: false,
            first: None,
            rest: String::new(),
            rest_after_cr: false,
            singles: 0,
        }
    }

    pub(super) fn feed(&mut self, text: &str, sink: &mut dyn Sink) -> Result<Flow> {
        let bytes = text.as_bytes();
        let Dialect { delimiter, quote, escape, .. } = self.dialect;
        let mut at = 0;
        // Where the part of the text begins that belongs to the lines after the record's first one.
        let mut from = 0;
        if self.after_cr && !bytes.is_empty() {
            self.after_cr = false;
            if bytes[0] == b'\n' {
                at = 1;
            }
        }
        while at < bytes.len() {
            match self.state {
                State::Start if Some(bytes[at]) == quote && self.row.fault.is_none() => {
                    self.row.cut(0);
                    self.state = State::Quoted;
                    self.quote_line = self.line;
                    self.open = true;
                    at += 1;
                }
                State::Start if bytes[at] == b' ' && delimiter != b' ' => {
                    self.row.extend(" ");
                    self.open = true;
                    at += 1;
                }
                State::Quoted => {
                    let ends = |byte: &u8| Some(*byte) == quote || escape && *byte == b'\\';
                    let end = bytes[at..].iter().position(ends).map_or(bytes.len(), |found| at + found);
                    if self.first.is_none()
                        && let Some(found) = text[at..end].find(['\n', '\r'])
                    {
                        from = at + found + 1;
                        self.rest_after_cr = bytes[from - 1] == b'\r';
                        let mut first = self.row.clone();
                        first.extend(&text[at..from - 1]);
                        first.finish();
                        first.fault = Some(Fault::Open);
                        self.first = Some(first);
                    }
                    self.line += text[at..end].matches('\n').count() as u64;
                    self.row.extend(&text[at..end]);
                    at = end;
                    if at < bytes.len() {
                        self.state = if Some(bytes[at]) == quote { State::Closing } else { State::Escaped };
                        at += 1;
                    }
                }
                State::Escaped => {
                    if Some(bytes[at]) == quote {
                        self.row.extend(&text[at..=at]);
                        at += 1;
                    } else {
                        self.row.extend("\\");
                    }
                    self.state = State::Quoted;
                }
                State::Closing if Some(bytes[at]) == quote => {
                    self.row.extend(&text[at..=at]);
                    self.state = State::Quoted;
                    at += 1;
                }
                State::Start | State::Plain | State::Closing | State::Closed => {
                    let ends = |byte: &u8| *byte == delimiter || *byte == b'\n' || *byte == b'\r';
                    let end = bytes[at..].iter().position(ends).map_or(bytes.len(), |found| at + found);
                    if end > at {
                        self.plain(&text[at..end]);
                        at = end;
                    }
                    if at == bytes.len() {
                        self.within_limits()?;
                        break;
                    }
                    let byte = bytes[at];
                    at += 1;
                    self.cell(byte != delimiter);
                    if byte == delimiter {
                        self.open = true;
                        if self.row.len() > WIDEST_ROW {
                            return Err(self.too_large(&format!("a row has more than {WIDEST_ROW} cells")));
                        }
                        self.within_limits()?;
                        continue;
                    }
                    if byte == b'\r' {
                        match bytes.get(at) {
                            Some(b'\n') => at += 1,
                            Some(_) => {}
                            None => self.after_cr = true,
                        }
                    }
                    let flow = if self.first.is_some() {
                        self.rest.push_str(&text[from..at]);
                        from = at;
                        self.lines(sink)?
                    } else {
                        self.record(sink)?
                    };
                    if flow == Flow::Stop {
                        return Ok(Flow::Stop);
                    }
                }
            }
            self.within_limits()?;
        }
        if self.first.is_some() {
            self.rest.push_str(&text[from..]);
        }
        Ok(Flow::Go)
    }

    /// Text outside quotes.
    fn plain(&mut self, text: &str) {
        let Dialect { quote, trailer, .. } = self.dialect;
        self.open = true;
        if matches!(self.state, State::Closing | State::Closed) {
            if text.bytes().all(|byte| byte == b' ') {
                self.state = State::Closed;
                return;
            }
            if !text.bytes().all(|byte| Some(byte) == trailer) {
                self.row.fault.get_or_insert(Fault::After);
            }
        } else if self.row.fault.is_none() && quote.is_some_and(|quote| text.as_bytes().contains(&quote)) {
            // `="007"` keeps a text from being taken for a number.
            let begun = self.row.pending().bytes().chain(text.bytes()).take(2);
            if !begun.eq(*b"=\"") {
                self.row.fault = Some(Fault::Inside);
            }
        }
        self.row.extend(text);
        self.state = State::Plain;
    }

    fn cell(&mut self, is_last: bool) {
        if let Some(trailer) = self.dialect.trailer.filter(|_| is_last) {
            let kept = self.row.pending().trim_end_matches(char::from(trailer)).len();
            self.row.cut(kept);
        }
        if self.state == State::Plain && self.dialect.quote != Some(b'\'') {
            let text = self.row.pending().trim();
            self.singles += usize::from(text.len() > 1 && text.starts_with('\'') && text.ends_with('\''));
            if text.starts_with("=\"") && !(text.ends_with('"') && text.matches('"').count() == 2) {
                self.row.fault = self.row.fault.or(Some(Fault::Inside));
            }
        }
        self.row.finish();
        self.state = State::Start;
    }

    fn within_limits(&self) -> Result<()> {
        if self.row.pending().len() > LONGEST_CELL {
            return Err(self.too_large("a cell has more than 1 MB of text"));
        }
        if self.row.size() > LONGEST_ROW {
            return Err(self.too_large("a row has more than 8 MB of text"));
        }
        Ok(())
    }

    /// The end of a record of several lines: one record, or one whose quote took those below for its text.
    fn lines(&mut self, sink: &mut dyn Sink) -> Result<Flow> {
        let rest = std::mem::take(&mut self.rest);
        let first = self.first.take();
        let width = self.dialect.width;
        let is_record = |line: &str| line.bytes().filter(|byte| *byte == self.dialect.delimiter).count() + 1 >= width;
        let swallows = self.row.fault.is_some() || width > 1 && self.row.len() != width && rest.lines().any(is_record);
        match first.filter(|_| swallows) {
            Some(first) => self.again(first, &rest, sink),
            None => self.record(sink),
        }
    }

    /// Hands out the first line as a broken record, and reads the others again.
    fn again(&mut self, first: Row, rest: &str, sink: &mut dyn Sink) -> Result<Flow> {
        let after_cr = std::mem::replace(&mut self.after_cr, self.rest_after_cr);
        self.line = first.number;
        self.row = first;
        self.state = State::Start;
        let flow = self.record(sink)?;
        if flow == Flow::Stop {
            return Ok(flow);
        }
        let flow = self.feed(rest, sink)?;
        self.after_cr |= after_cr;
        Ok(flow)
    }

    fn record(&mut self, sink: &mut dyn Sink) -> Result<Flow> {
        self.line += 1;
        self.open = false;
        self.examine();
        self.singles = 0;
        let flow = sink.row(&self.row)?;
        self.row.clear(self.line);
        Ok(flow)
    }

    /// Finds what can be wrong with a whole record.
    fn examine(&mut self) {
        let Dialect { delimiter, quote, width, mixed, .. } = self.dialect;
        let cells_by = |delimiter: u8, text: &str| {
            let mut cells = 0;
            let mut count = |row: &Row| {
                cells = row.len();
                Ok(Flow::Stop)
            };
            let mut parser = Parser::new(Dialect { delimiter, quote, width: 0, ..self.dialect });
            let fed = parser.feed(text, &mut count).and_then(|_| parser.end(&mut count));
            if fed.is_ok() { cells } else { 0 }
        };
        if mixed && self.row.contains(char::REPLACEMENT_CHARACTER) {
            self.row.fault = Some(Fault::Bytes);
        } else if self.singles > 1 {
            self.row.fault.get_or_insert(Fault::Single);
        } else if width > 1 && self.row.len() > 1 && self.row.len() < width && self.row.fault.is_none() {
            let parts: Vec<&str> = self.row.cells().map(|cell| cell.text).collect();
            let text = parts.join(char::from(delimiter).encode_utf8(&mut [0; 4]));
            let mut others = [b',', b';', b'\t', b'|'].into_iter().filter(|mark| *mark != delimiter);
            let is_record = |mark: u8| text.matches(char::from(mark)).count() + 1 >= width && cells_by(mark, &text) == width;
            self.row.fault = others.any(is_record).then_some(Fault::Delimiter);
        } else if width > 1 && self.row.len() == 1 && matches!(self.row.fault, None | Some(Fault::Inside)) {
            let text = self.row.cell(0).text;
            let is_record = |mark: u8| text.as_bytes().contains(&mark) && cells_by(mark, text) == width;
            let mut marks = vec![delimiter, b',', b';', b'\t', b'|'];
            // Words are parted by blanks in every text; a record has quotes, too.
            marks.extend(self.row.fault.map(|_| b' '));
            // Quotes in a single text, such as a note below the table, do no harm.
            self.row.fault = marks.into_iter().any(is_record).then_some(Fault::Delimiter);
        }
    }

    pub(super) fn end(&mut self, sink: &mut dyn Sink) -> Result<()> {
        while self.state == State::Quoted || self.state == State::Escaped {
            self.row.fault.get_or_insert(Fault::Open);
            let rest = std::mem::take(&mut self.rest);
            match self.first.take() {
                Some(first) => {
                    if self.again(first, &rest, sink)? == Flow::Stop {
                        return Ok(());
                    }
                }
                None => self.state = State::Plain,
            }
        }
        if self.open {
            self.cell(true);
            if self.first.is_some() {
                let is_over = self.lines(sink)? == Flow::Stop || self.first.is_none() && !self.open;
                return if is_over { Ok(()) } else { self.end(sink) };
            }
            // A last line is cut off where its cells are fewer, and a text alone where it is a number of a metric.
            let is_number = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit()) && !text.contains(char::is_whitespace);
            if self.row.len() < self.dialect.width && (self.row.len() > 1 || is_number(self.row.cell(0).text)) {
                self.row.fault.get_or_insert(Fault::Cut);
            }
            self.record(sink)?;
        }
        Ok(())
    }

    fn too_large(&self, what: &str) -> Error {
        let line = if self.state == State::Quoted { self.quote_line } else { self.row.number };
        Error::data(what)
            .at(Place { row: Some(line), ..Place::default() })
            .hint("check the quotes around the text in this line; a quote inside quotes is written twice")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str, delimiter: u8, cut: usize) -> Vec<(u64, Vec<String>)> {
        let mut all = Vec::new();
        let mut take = |row: &Row| {
            all.push((row.number, row.cells().map(|cell| cell.text.to_owned()).collect()));
            Ok(Flow::Go)
        };
        let mut parser = Parser::new(Dialect::plain(delimiter, Some(b'"')));
        let mut rest = text;
        while !rest.is_empty() {
            let mut at = cut.clamp(1, rest.len());
            while !rest.is_char_boundary(at) {
                at += 1;
            }
            parser.feed(&rest[..at], &mut take).unwrap();
            rest = &rest[at..];
        }
        parser.end(&mut take).unwrap();
        all
    }

    #[test]
    fn records_and_the_lines_they_start_on() {
        assert_eq!((LONGEST_CELL >> 20, LONGEST_ROW >> 20, WIDEST_ROW), (1, 8, 16_384));
        let text = "a,b\r\n\"x\ny\",\"say \"\"hi\"\"\"\r\n\r\n1,2\n3,";
        let expected: Vec<(u64, Vec<String>)> =
            [(1, vec!["a", "b"]), (2, vec!["x\ny", "say \"hi\""]), (4, vec![""]), (5, vec!["1", "2"]), (6, vec!["3", ""])]
                .into_iter()
                .map(|(line, cells)| (line, cells.into_iter().map(str::to_owned).collect()))
                .collect();
        for cut in [1, 2, 3, 7, 1000] {
            assert_eq!(records(text, b',', cut), expected, "cut at {cut}");
        }
    }

    #[test]
    fn a_quote_that_does_not_close_is_a_fault_of_its_own_record() {
        let faults = |text: &str, width: usize, cut: usize| {
            let mut all = Vec::new();
            let mut take = |row: &Row| {
                all.push((row.number, row.len(), row.fault));
                Ok(Flow::Go)
            };
            let mut parser = Parser::new(Dialect { width, ..Dialect::plain(b',', Some(b'"')) });
            for piece in text.as_bytes().chunks(cut) {
                parser.feed(std::str::from_utf8(piece).unwrap(), &mut take).unwrap();
            }
            parser.end(&mut take).unwrap();
            all
        };
        let (open, after, inside) = (Some(Fault::Open), Some(Fault::After), Some(Fault::Inside));
        for end in ["\n", "\r\n", "\r"] {
            for cut in [1, 2, 5, 1000] {
                let faults = |text: &str, width: usize| faults(&text.replace('\n', end), width, cut);
                let never = "a,b\nc,\"d\ne,f\n";
                assert_eq!(faults(never, 2), [(1, 2, None), (2, 2, open), (3, 2, None)], "{cut}");
                let below = "a,\"b,c\nd,\"e\",f\ng,h,i\n";
                assert_eq!(faults(below, 3), [(1, 2, open), (2, 3, None), (3, 3, None)], "{cut}");
                let swallowing = "a,\"b,c\nd,e,\"\ng,h,i\n";
                assert_eq!(faults(swallowing, 3), [(1, 2, open), (2, 3, open), (3, 3, None)], "{cut}");
                let lines = "a,\"b\nc\",d\ne,\"f\" ,g\n";
                let second = if end == "\r" { 2 } else { 3 };
                assert_eq!(faults(lines, 3), [(1, 3, None), (second, 3, None)], "{cut}");
                assert_eq!(faults("a,\"b\"c,d\ne, \"f\",g\n", 3), [(1, 3, after), (2, 3, None)], "{cut}");
                assert_eq!(faults("a,b\"c,d\ne,\"f\" \"g\",h\n", 3), [(1, 3, inside), (2, 3, after)], "{cut}");
            }
        }
    }

    #[test]
    fn a_record_that_is_written_otherwise_is_a_fault() {
        let fault = |record: &str| {
            let mut found = None;
            let mut take = |row: &Row| {
                found = row.fault;
                Ok(Flow::Go)
            };
            let mut parser = Parser::new(Dialect { width: 4, ..Dialect::plain(b',', Some(b'"')) });
            parser.feed(record, &mut take).unwrap();
            parser.end(&mut take).unwrap();
            found
        };
        for record in ["a;b;c;d\n", "a\tb\tc\td\n", "\"a,b,c,d\"\n", "a \"b c\"  d\n"] {
            assert_eq!(fault(record), Some(Fault::Delimiter), "{record}");
        }
        assert_eq!(fault("'a','b','c','d'\n"), Some(Fault::Single));
        assert_eq!(fault("a,it's,'c',d\n"), None);
        assert_eq!(fault("Note: \"red\" is very late\n"), None);
        assert_eq!(
            (fault("a,b"), fault("M-3"), fault("the end"), fault("a,b,c,d")),
            (Some(Fault::Cut), Some(Fault::Cut), None, None)
        );
    }

    #[test]
    fn no_cell_and_no_row_is_larger_than_a_spreadsheet_has() {
        let long = "x".repeat(LONGEST_CELL / 2 + 1);
        for text in [long.repeat(2), format!("\"{}", long.repeat(2)), format!("{long},").repeat(16), ",".repeat(WIDEST_ROW + 1)]
        {
            let mut none = |_: &Row| Ok(Flow::Go);
            let mut parser = Parser::new(Dialect::plain(b',', Some(b'"')));
            let pieces: Vec<&str> = text.as_bytes().chunks(1 << 16).map(|piece| std::str::from_utf8(piece).unwrap()).collect();
            let fed = pieces.iter().try_for_each(|piece| parser.feed(piece, &mut none).map(drop));
            assert_eq!(fed.unwrap_err().place().row, Some(1));
        }
    }

    #[test]
    fn any_table_is_read_as_it_was_written() {
        use proptest::prelude::*;
        let cell = "[a-zä\",;\\n\\r |\\t]{0,8}";
        let table = proptest::collection::vec(proptest::collection::vec(cell, 2..5), 1..6);
        proptest!(|(table in table, delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']), cut in 1_usize..20)| {
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let read: Vec<Vec<String>> = records(&text, delimiter, cut).into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(read, table);
        });
    }
}
