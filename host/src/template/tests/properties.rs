//! Whatever values a plugin gives, they stay values; whatever an author writes, it is a template or an error.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::*;
use super::template;

/// Reads a template back from what a person is shown.
fn from_shown(shown: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut group: Option<Vec<String>> = None;
    let mut rest = shown;
    loop {
        if let Some(inside) = rest.strip_prefix('[') {
            (group, rest) = (Some(Vec::new()), inside);
        }
        let (word, after) = word_from_shown(rest);
        match &mut group {
            Some(group) => group.push(word),
            None => words.push(Word::One(word)),
        }
        rest = after;
        if let Some(after) = rest.strip_prefix(']') {
            words.push(Word::Optional(group.take().expect("a list is open")));
            rest = after;
        }
        match rest.strip_prefix(' ') {
            Some(after) => rest = after,
            None => return words,
        }
    }
}

/// One argument in the manifest's form, and what stands behind it.
fn word_from_shown(shown: &str) -> (String, &str) {
    let mut word = String::new();
    let (mut quoted, mut escaped, mut hole) = (false, false, false);
    for (at, c) in shown.char_indices() {
        match c {
            _ if hole => (hole, word) = (c != '>', word + &c.to_string()),
            _ if escaped => (escaped, word) = (false, word + &c.to_string()),
            '\'' => quoted = !quoted,
            '<' if quoted => word += "<<",
            _ if quoted => word.push(c),
            '\\' => escaped = true,
            '<' => (hole, word) = (true, word + "<"),
            ' ' | ']' => return (word, &shown[at..]),
            _ => word.push(c),
        }
    }
    (word, "")
}

/// Arguments that are right, with the name of their hole, `?`, left open; and a value that fits it.
const ELEMENTS: [(&str, &str); 21] = [
    ("--json", ""),
    ("--", ""),
    ("-", ""),
    ("a b", ""),
    ("%h <<%s>", ""),
    ("<?:id>", "app-4k2"),
    ("conductor_track=<?:id>", "a"),
    ("--limit=<?:int>", "-5"),
    ("-n<?:int>", "5"),
    ("<?:sha>", "0123abc"),
    ("<?:ref>", "polecat/onyx"),
    ("--title=<?:text>", "-a @b\n"),
    ("--body=<?:text@>", "@a"),
    ("--kind=<?:one of task|bug>", "bug"),
    ("--file=<?:path in project>", "a/b"),
    ("--graph=@<?:tempfile>", "-@\0"),
    ("<?…:id>", "a"),
    ("<?:int>", "5"),
    ("<?:text>", "a -b"),
    ("<?…:text@>", "@a"),
    ("Re: <?:text>-<?b:id>", "b"),
];
/// From here on they have to stand behind `--`.
const FREE: usize = 18;

/// Values that are up to something.
const HOSTILE: [&str; 22] = [
    "",
    "-",
    "--",
    "-x",
    "--force",
    "--title=x",
    "@/etc/passwd",
    "a\0b",
    "../a",
    "/etc/passwd",
    "a/../b",
    "$(id)",
    "`id`",
    "; id",
    "a b",
    "a\nb",
    "\u{202e}a",
    "漢字",
    "<x:id>",
    "[a]",
    "'",
    "-5",
];

/// A template by the entries of [`ELEMENTS`]; each alone, or optional.
fn argv_of(picked: &[(usize, bool)]) -> Value {
    let mut argv = vec![json!("bd"), json!("create")];
    for (index, &(pick, optional)) in picked.iter().enumerate() {
        let element = ELEMENTS[pick].0.replace('?', &format!("h{index}"));
        let mut words = vec![element];
        if pick >= FREE {
            words.insert(0, "--".to_owned());
        }
        if optional && words.iter().any(|word| word.contains(':')) {
            argv.push(json!(words));
        } else {
            argv.extend(words.into_iter().map(Value::from));
        }
    }
    json!(argv)
}

/// The entry of [`ELEMENTS`] that a hole comes from, as an index into the picked ones.
fn index_of(hole: &Hole) -> usize {
    let digits = hole.name.trim_matches(|c: char| !c.is_ascii_digit());
    digits.parse().expect("its index")
}

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => proptest::sample::select(&["-x", "--title=x", "@/etc/passwd", "a\0b"][..]).prop_map(str::to_owned),
        8 => proptest::sample::select(&HOSTILE[..]).prop_map(str::to_owned),
        2 => ".{0,40}",
        1 => "[-@a]{0,4}",
        1 => Just("a".repeat(40_000)),
    ]
}

fn picks() -> impl Strategy<Value = Vec<(usize, bool)>> {
    proptest::collection::vec((0..ELEMENTS.len(), any::<bool>()), 0..8)
}

/// Asserts that an argument is what its element makes of a value, whatever the value is.
fn assert_argument(element: &Element, argument: &Argument) {
    let start = element.start();
    let begins = match argument {
        Argument::Text(text) => text,
        Argument::Tempfile { before, .. } | Argument::Path { before, .. } => before,
    };
    assert!(begins.starts_with(start), "{element}: {argument:?}");
    assert!(
        start.starts_with('-') || !begins.starts_with('-'),
        "{element}: {argument:?}"
    );
    assert!(
        !begins.contains('\0') && begins.len() <= MOST_ARGUMENT_BYTES + (32 << 10),
        "{element}"
    );
    assert!(!begins.starts_with("-n-"), "{element}: {argument:?}");
    // What a program would read a file for: at the beginning, or behind the `=` of an option.
    let value = if start.starts_with('-') {
        begins.find('=').map_or(begins.len(), |at| at + 1)
    } else {
        0
    };
    let says_so = |hole: &Hole| hole.kind == Kind::Text { at: true };
    let at = begins[value..].starts_with('@');
    assert!(
        !at || start[value.min(start.len())..].starts_with('@') || element.holes().all(says_so),
        "{element}: {argument:?}"
    );
    if let Argument::Path { path, .. } = argument {
        assert!(
            !path.starts_with('/') && !path.contains('\0') && path.split('/').all(|part| part != ".."),
            "{path}"
        );
    }
    if let Some(literal) = element.literal() {
        assert_eq!(*argument, Argument::Text(literal.to_owned()));
    }
}

/// Asserts that the arguments are those of the template's elements in their order, optional ones left out or not.
fn assert_in_place(template: &Template, given: &[(String, Vec<String>)], filled: &Filled) {
    let has = |hole: &Hole| {
        given
            .iter()
            .any(|(name, values)| *name == hole.name && !values.is_empty())
    };
    let mut arguments = filled.arguments.iter();
    for item in &template.items {
        let used = matches!(item, Item::Always(_)) || item.elements().iter().flat_map(Element::holes).all(has);
        for element in item.elements().iter().filter(|_| used) {
            let many = element.holes().find(|hole| hole.many);
            let values = many.and_then(|hole| given.iter().find(|(name, _)| *name == hole.name));
            for _ in 0..values.map_or(1, |(_, values)| values.len()) {
                assert_argument(element, arguments.next().expect("an argument for each element"));
            }
        }
    }
    assert_eq!(arguments.next(), None, "no argument that the template does not have");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn values_stay_values(picked in picks(), values in proptest::collection::vec(proptest::collection::vec(hostile(), 0..3), 8)) {
        let template = template(&argv_of(&picked));
        let names: Vec<String> = template.holes().map(|hole| hole.name.clone()).collect();
        for kept in [names.len(), names.len() / 2] {
            let given: Vec<_> = names.iter().take(kept).cloned().zip(values.clone()).collect();
            let filled = Values::new(&given, None, template.holes()).and_then(|values| template.fill(values));
            if let Ok(filled) = filled {
                assert_in_place(&template, &given, &filled);
            }
        }
    }

    #[test]
    fn one_hostile_value_among_good_ones_stays_a_value(picked in picks(), at in 0_usize..8, value in hostile()) {
        let template = template(&argv_of(&picked));
        let mut given = Vec::new();
        for hole in template.holes() {
            let index = index_of(hole);
            let value = if index == at { value.clone() } else { ELEMENTS[picked[index].0].1.to_owned() };
            given.push((hole.name.clone(), vec![value]));
        }
        match Values::new(&given, None, template.holes()).and_then(|values| template.fill(values)) {
            Ok(filled) => assert_in_place(&template, &given, &filled),
            // With values that fit, each of these templates can be filled.
            Err(error) => prop_assert!(error.to_string().contains(&format!("`h{at}")), "{}", error),
        }
    }

    #[test]
    fn what_is_shown_says_which_template_it_is(picked in picks(), literals in proptest::collection::vec("[-a=%'\"<>\\[\\]\\\\ |…]{0,6}", 0..4)) {
        let mut argv = argv_of(&picked);
        let list = argv.as_array_mut().expect("a list");
        list.extend(literals.iter().map(|literal| json!(literal.replace('<', "<<"))));
        let template = template(&argv);
        prop_assert_eq!(template.canonical(), argv.to_string());
        prop_assert_eq!(Template::try_from(from_shown(&template.to_string())).expect("it can be read back"), template);
    }

    #[test]
    fn any_text_is_a_template_or_an_error(
        texts in proptest::collection::vec("(<|<<|>|…|:|id|text|path in project|one of |\\||--|-|=|@|a|\\PC){0,12}", 0..5),
        optional in any::<u8>(),
    ) {
        let words = ["bd", "create"].map(|word| Word::One(word.to_owned())).into_iter().chain(texts.iter().enumerate().map(|(index, text)| {
            if optional >> index & 1 == 1 { Word::Optional(vec![text.clone(), "<x:id>".to_owned()]) } else { Word::One(text.clone()) }
        }));
        let words: Vec<Word> = words.collect();
        if let Ok(template) = Template::try_from(words.clone()) {
            prop_assert_eq!(Vec::<Word>::from(template.clone()), words.clone());
            prop_assert_eq!(from_shown(&template.to_string()), words);
            let _ = unbounded(&template);
        }
    }
}
