use super::{exact, phrase, print};
use crate::parse::{is_plain_free_text, is_plain_name, is_plain_value, parse};
use crate::syntax::{Comparison, End, Expr, ExprKind, Literal, Name, Place, Quoting, Test};
use proptest::prelude::*;

/// The same expression with all places at the beginning, so that only what was written is compared.
fn unplaced(mut expr: Expr) -> Expr {
    expr.place = Place::default();
    match &mut expr.kind {
        ExprKind::Everything => {}
        ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter_mut().for_each(|part| *part = unplaced(part.clone())),
        ExprKind::Not(inner) => **inner = unplaced((**inner).clone()),
        ExprKind::Free(text) => text.place = Place::default(),
        ExprKind::Term { field, test } => {
            field.place = Place::default();
            unplace_test(test);
        }
    }
    expr
}

fn unplace_test(test: &mut Test) {
    match test {
        Test::Compare(_, value) => value.place = Place::default(),
        Test::Range { low, high } => low.iter_mut().chain(high).for_each(|end| end.value.place = Place::default()),
        Test::OneOf(members) => members.iter_mut().for_each(|member| member.place = Place::default()),
        Test::Null | Test::Present => {}
        Test::Nested(inner) => **inner = unplaced((**inner).clone()),
    }
}

fn expr(kind: ExprKind) -> Expr {
    Expr { place: Place::default(), kind }
}

fn literal(text: String, quoting: Quoting) -> Literal {
    Literal { place: Place::default(), text, quoting }
}

/// Values that need quotes, and those that look as if they did.
fn quoted() -> impl Strategy<Value = Literal> {
    let text = prop_oneof!["[a-z \"`\\\\*é\n]{0,6}", "(and|or|not|is|NULL|a\\.\\.b|\\.|:|::1|-a|x:y)", ".{0,8}"];
    (text, prop_oneof![Just(Quoting::Phrase), Just(Quoting::Exact)]).prop_map(|(text, quoting)| literal(text, quoting))
}

fn bare(allowed: fn(&str) -> bool) -> impl Strategy<Value = Literal> {
    let text = prop_oneof!["[a-z0-9:/._+~@%#*'\\\\é-]{1,8}", "[a-z]{1,3}", "(is|nul|now-30d|fe80::1|10\\.0\\.0\\.0/24|1\\.)"];
    text.prop_filter("only in quotes", move |text| allowed(text) && text != "*").prop_map(|text| literal(text, Quoting::Bare))
}

fn value() -> impl Strategy<Value = Literal> {
    prop_oneof![bare(is_plain_value), quoted()]
}

fn end() -> impl Strategy<Value = Option<End>> {
    prop::option::weighted(0.8, (value(), any::<bool>()).prop_map(|(value, included)| End { value, included }))
}

fn name() -> impl Strategy<Value = Name> {
    "[a-zA-Zé_][a-z0-9._-]{0,6}"
        .prop_filter("not a name", |text| is_plain_name(text))
        .prop_map(|text| Name { place: Place::default(), text })
}

fn comparison() -> impl Strategy<Value = Comparison> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    prop::sample::select(vec![Equal, Greater, GreaterOrEqual, Less, LessOrEqual])
}

fn simple_test() -> impl Strategy<Value = Test> {
    prop_oneof![
        4 => (comparison(), value()).prop_map(|(comparison, value)| Test::Compare(comparison, value)),
        1 => (end(), end()).prop_map(|(low, high)| Test::Range { low, high }),
        1 => prop::collection::vec(value(), 1..4).prop_map(Test::OneOf),
        1 => prop_oneof![Just(Test::Null), Just(Test::Present)],
    ]
}

/// Joins parts as the parser does: none of its own kind, no single ones.
fn joined(parts: Vec<Expr>, and: bool) -> Expr {
    let mut flat = Vec::new();
    for part in parts {
        match part.kind {
            ExprKind::And(inner) if and => flat.extend(inner),
            ExprKind::Or(inner) if !and => flat.extend(inner),
            kind => flat.push(expr(kind)),
        }
    }
    expr(if and { ExprKind::And(flat) } else { ExprKind::Or(flat) })
}

fn expressions() -> impl Strategy<Value = Expr> {
    let free = prop_oneof![bare(is_plain_free_text), quoted()].prop_map(|text| expr(ExprKind::Free(text)));
    let term = (name(), simple_test()).prop_map(|(field, test)| expr(ExprKind::Term { field, test }));
    prop_oneof![free, term].prop_recursive(6, 40, 4, |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 2..4), any::<bool>()).prop_map(|(parts, and)| joined(parts, and)),
            inner.clone().prop_map(|inner| expr(ExprKind::Not(Box::new(inner)))),
            (name(), inner).prop_map(|(field, inner)| expr(ExprKind::Term { field, test: Test::Nested(Box::new(inner)) })),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_written_is_read_again(expr in expressions()) {
        let text = print(&expr);
        let again = parse(&text);
        prop_assert_eq!(again.map(unplaced), Ok(expr), "{}", text);
    }

    #[test]
    fn every_text_can_be_quoted(text in any::<String>()) {
        for (written, quoting) in [(exact(&text), Quoting::Exact), (phrase(&text), Quoting::Phrase)] {
            let read = parse(&written).map(unplaced);
            prop_assert_eq!(read, Ok(expr(ExprKind::Free(literal(text.clone(), quoting)))));
            let read = parse(&format!("name:{written}")).map(unplaced);
            let field = Name { place: Place::default(), text: "name".to_owned() };
            let test = Test::Compare(Comparison::Equal, literal(text.clone(), quoting));
            prop_assert_eq!(read, Ok(expr(ExprKind::Term { field, test })));
        }
    }
}

#[test]
fn values_without_quotes_get_some_where_they_need_them() {
    let free = |text: &str| print(&expr(ExprKind::Free(literal(text.to_owned(), Quoting::Bare))));
    assert_eq!(free("web"), "web");
    assert_eq!(free("web server"), "\"web server\"");
    assert_eq!(free("AND"), "\"AND\"");
    assert_eq!(free(""), "\"\"");
    assert_eq!(free("os:debian"), "\"os:debian\"");
    assert_eq!(free("00:16:3e:01:02:03"), "00:16:3e:01:02:03");
}

#[test]
fn everything_is_the_empty_text_or_a_wildcard() {
    let everything = || expr(ExprKind::Everything);
    assert_eq!(print(&everything()), "");
    assert_eq!(print(&expr(ExprKind::Not(Box::new(everything())))), "not *");
    let field = Name { place: Place::default(), text: "missing".to_owned() };
    let test = Test::Nested(Box::new(everything()));
    assert_eq!(print(&expr(ExprKind::Term { field, test })), "missing:*");
}
