//! Where a cursor stands: what was read before it decides what may follow.

use super::scan::{self, Mark, Token};
use crate::check::lookup::{Found, Target, find};
use crate::registry::Entity;
use crate::syntax::Place;

/// What may follow.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Next {
    /// A condition.
    Term,
    /// `and`, `or`, a parenthesis, or another condition.
    AfterTerm,
    /// An operator or `is`, after what may be the name of a field.
    Operator(Found),
    /// `null` or `not null`.
    AfterIs,
    /// `null`.
    AfterIsNot,
    /// A value, a list, a range or a nested query; nothing after a name that means nothing.
    Value {
        /// What it is compared with.
        found: Option<Found>,
        /// Whether by `:` or `=`.
        equal: bool,
    },
    /// A member of a list or an end of a range.
    Member(Option<Found>),
    /// `,`, `..` or the bracket that closes, after a member.
    AfterMember(Option<Found>),
}

/// A cursor's place in a query.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stand {
    /// What the records are whose fields are asked for here.
    pub(super) entity: Entity,
    /// How many parentheses are open.
    pub(super) depth: usize,
    /// What may stand where the current word stands, or at the cursor.
    pub(super) next: Next,
    /// The word or quoted text that the cursor is in or behind, without a gap.
    pub(super) current: Option<Token>,
    /// Whether an operator follows the current word already.
    pub(super) operator_follows: bool,
}

/// Reads the text up to the cursor.
pub(super) fn stand(entity: Entity, text: &str, cursor: usize) -> Stand {
    let mut reader = Reader { text, cursor, entities: vec![entity], next: Next::Term };
    let mut at = 0;
    while let Some(token) = scan::next(text, at, reader.name_may_stand()) {
        if token.place.start >= cursor {
            break;
        }
        if token.place.end >= cursor && reader.is_current(token) {
            return reader.stopped(Some(token));
        }
        reader.read(token);
        at = token.place.end;
    }
    reader.stopped(None)
}

struct Reader<'t> {
    text: &'t str,
    cursor: usize,
    /// What is asked for inside each open parenthesis, the outermost first. Never empty.
    entities: Vec<Entity>,
    next: Next,
}

impl Reader<'_> {
    fn entity(&self) -> Entity {
        self.entities.last().copied().unwrap_or(Entity::Asset)
    }

    fn name_may_stand(&self) -> bool {
        !matches!(self.next, Next::Value { .. } | Next::Member(_))
    }

    /// Marks are complete as they are; words and quoted texts may be gone on with.
    fn is_current(&self, token: Token) -> bool {
        match token.mark {
            Mark::Word => true,
            Mark::Quote => self.cursor < token.place.end || !scan::is_closed(self.slice(token.place)),
            _ => false,
        }
    }

    fn stopped(self, current: Option<Token>) -> Stand {
        let after = current.and_then(|token| scan::next(self.text, token.place.end, true));
        let operator_follows = after.is_some_and(|token| matches!(token.mark, Mark::Equal | Mark::Order));
        Stand {
            entity: self.entity(),
            depth: self.entities.len() - 1,
            current: current.map(|token| self.bounded(token)),
            operator_follows,
            next: self.next,
        }
    }

    /// A quoted text without its end would reach to the end of the query, although what follows behind the
    /// cursor was hardly meant to be in it: such a one ends before the next `and`, `or` or bracket there.
    fn bounded(&self, token: Token) -> Token {
        if token.mark != Mark::Quote || scan::is_closed(self.slice(token.place)) {
            return token;
        }
        let behind = self.slice(Place { start: self.cursor, end: token.place.end });
        let stops = [" and ", " or ", ")", "]", ","];
        let length = stops.iter().filter_map(|stop| behind.find(stop)).min().unwrap_or(behind.len());
        Token { place: Place { end: self.cursor + length, ..token.place }, ..token }
    }

    fn slice(&self, place: Place) -> &str {
        self.text.get(place.start..place.end).unwrap_or_default()
    }

    fn read(&mut self, token: Token) {
        let next = std::mem::replace(&mut self.next, Next::AfterTerm);
        self.next = match (next, token.mark) {
            (Next::Value { found, .. }, Mark::Open) => self.open(found),
            (Next::Value { found, .. }, Mark::OpenList) => Next::Member(found),
            (Next::Value { .. }, Mark::Word | Mark::Quote) => Next::AfterTerm,
            (Next::Value { found, .. }, mark @ (Mark::Equal | Mark::Order)) => Next::Value { found, equal: mark == Mark::Equal },
            (Next::Member(found) | Next::AfterMember(found), Mark::Comma | Mark::To) => Next::Member(found),
            (Next::Member(found), Mark::Word | Mark::Quote) => Next::AfterMember(found),
            (Next::Member(_) | Next::AfterMember(_), Mark::CloseList | Mark::Close) => Next::AfterTerm,
            (Next::AfterIs, Mark::Word) if self.is_word(token, "not") => Next::AfterIsNot,
            (Next::AfterIs | Next::AfterIsNot, Mark::Word) => Next::AfterTerm,
            (Next::Operator(_), Mark::Word) if self.is_word(token, "is") => Next::AfterIs,
            (Next::Operator(found), mark @ (Mark::Equal | Mark::Order)) => Next::Value { found: Some(found), equal: mark == Mark::Equal },
            (_, Mark::Equal | Mark::Order) => Next::Value { found: None, equal: true },
            (_, Mark::Open) => self.inside(self.entity()),
            (_, Mark::Close) => self.close(),
            (_, Mark::Word) => self.word(token),
            (_, Mark::Quote | Mark::CloseList) => Next::AfterTerm,
            (_, Mark::OpenList | Mark::Comma | Mark::To) => Next::Term,
        };
    }

    /// A parenthesis after an operator: a query over related records, or a range.
    fn open(&mut self, found: Option<Found>) -> Next {
        match found {
            Some(Found { target: Target::Relation(relation), .. }) => self.inside(relation.to()),
            found => Next::Member(found),
        }
    }

    fn inside(&mut self, entity: Entity) -> Next {
        self.entities.push(entity);
        Next::Term
    }

    fn close(&mut self) -> Next {
        if self.entities.len() > 1 {
            self.entities.pop();
        }
        Next::AfterTerm
    }

    /// A word where a condition may begin: a keyword, a name or a free text.
    fn word(&self, token: Token) -> Next {
        if ["and", "or", "not"].iter().any(|keyword| self.is_word(token, keyword)) {
            return Next::Term;
        }
        find(self.entity(), self.slice(token.place)).map_or(Next::AfterTerm, Next::Operator)
    }

    fn is_word(&self, token: Token, word: &str) -> bool {
        self.slice(token.place).eq_ignore_ascii_case(word)
    }
}
