//! The way to the database while readings are recorded.

use std::pin::Pin;

use crate::error::Result;
use crate::session::Session;
use crate::tell::Tell;

pub type Connect<'a> = dyn Fn() -> Pin<Box<dyn Future<Output = Result<Session>> + 'a>> + 'a;

/// The way to the database, again after the connection was lost, and who is told what happens on it.
pub struct Link<'a> {
    pub tell: &'a dyn Tell,
    pub connect: &'a Connect<'a>,
    pub(super) session: Option<Session>,
}

impl<'a> Link<'a> {
    pub fn new(tell: &'a dyn Tell, connect: &'a Connect<'a>) -> Self {
        Link { tell, connect, session: None }
    }
}
