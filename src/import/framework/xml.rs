//! A small tree of an XML document. No entity but the five of XML and characters by number is expanded, so a document
//! cannot grow on reading.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::document::{DEEPEST, INCOMPLETE};
use crate::error::{Error, Result};
use crate::table::limits::check_xml;

/// An element: local name, attributes, text pieces and elements in order.
#[derive(Debug, Default)]
pub(in crate::import) struct Element {
    pub(in crate::import) name: String,
    attributes: Vec<(String, String)>,
    content: Vec<Content>,
}

#[derive(Debug)]
enum Content {
    Text(String),
    Element(Element),
}

impl Element {
    pub(in crate::import) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(in crate::import) fn children(&self) -> impl Iterator<Item = &Element> {
        self.content.iter().filter_map(|content| match content {
            Content::Element(element) => Some(element),
            Content::Text(_) => None,
        })
    }

    pub(in crate::import) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children().filter(move |child| child.name == name)
    }

    pub(in crate::import) fn child(&self, name: &str) -> Option<&Element> {
        self.children().find(|child| child.name == name)
    }

    /// All text below, in order.
    pub(in crate::import) fn text(&self) -> String {
        let mut text = String::new();
        self.collect(&mut text);
        super::document::folded(&text)
    }

    fn collect(&self, text: &mut String) {
        for content in &self.content {
            match content {
                Content::Text(piece) => text.push_str(piece),
                Content::Element(element) => {
                    if matches!(element.name.as_str(), "p" | "li" | "part" | "title") {
                        text.push(' ');
                    }
                    element.collect(text);
                }
            }
        }
    }
}

/// Reads a document and returns its root.
pub(in crate::import) fn parse(text: &str) -> Result<Element> {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    let (mut pieces, mut attributes) = (0_u64, 0);
    loop {
        let event = reader.read_event().map_err(|error| damaged(text, reader.error_position(), &error))?;
        let Some(top) = open.last_mut() else { return Err(damaged(text, reader.buffer_position(), &"an end without a start")) };
        pieces += 1;
        if pieces.is_multiple_of(1024) {
            check_xml(text, pieces, attributes)?;
        }
        match event {
            Event::Start(start) => {
                let element = started(&start, text, reader.buffer_position())?;
                attributes += element.attributes.len() as u64;
                if open.len() > DEEPEST {
                    return Err(Error::data(format!("the file is nested deeper than {DEEPEST} elements")));
                }
                open.push(element);
            }
            Event::Empty(start) => {
                let element = started(&start, text, reader.buffer_position())?;
                attributes += element.attributes.len() as u64;
                top.content.push(Content::Element(element));
            }
            Event::End(_) => {
                if let Some(element) = open.pop()
                    && let Some(parent) = open.last_mut()
                {
                    parent.content.push(Content::Element(element));
                }
            }
            Event::Text(piece) => top.content.push(Content::Text(piece.to_string())),
            Event::CData(piece) => top.content.push(Content::Text(piece.to_string())),
            Event::GeneralRef(reference) => {
                let character = quick_xml::escape::unescape(&format!("&{};", &*reference)).map(std::borrow::Cow::into_owned);
                // An entity of the document's own is left out, never expanded.
                top.content.push(Content::Text(character.unwrap_or_default()));
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    if open.len() != 1 {
        let inside = open.last().map(|element| element.name.as_str()).unwrap_or_default();
        return Err(damaged(text, text.len() as u64, &format!("it ends inside <{inside}>")));
    }
    let root = open.pop().and_then(|document| {
        document.content.into_iter().find_map(|content| match content {
            Content::Element(element) => Some(element),
            Content::Text(_) => None,
        })
    });
    root.ok_or_else(|| Error::data("the file is XML without an element"))
}

/// The most attributes of an element; each is compared with all before it.
const ATTRIBUTES: usize = 100;

fn started(start: &BytesStart, text: &str, position: u64) -> Result<Element> {
    let mut element = Element { name: start.local_name().as_ref().to_owned(), ..Element::default() };
    for attribute in start.attributes() {
        if element.attributes.len() >= ATTRIBUTES {
            return Err(Error::data(format!("an element has more than {ATTRIBUTES} attributes ({})", place(text, position))));
        }
        let attribute = attribute.map_err(|error| damaged(text, position, &error))?;
        let value = attribute.value.into_owned();
        let value = quick_xml::escape::unescape(&value).map(std::borrow::Cow::into_owned).unwrap_or(value);
        element.attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
    }
    Ok(element)
}

fn damaged(text: &str, position: u64, what: &dyn std::fmt::Display) -> Error {
    Error::data(format!("the file is not complete XML: {what} ({})", place(text, position))).hint(INCOMPLETE)
}

/// Where a byte of a text is, as editors count.
fn place(text: &str, position: u64) -> String {
    let end = usize::try_from(position).unwrap_or(usize::MAX).min(text.len());
    let before = String::from_utf8_lossy(&text.as_bytes()[..end]);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {}, column {column}", before.matches('\n').count() + 1)
}
