//! "Write tests for the login", then "implement the login": two tasks of a plan that are one piece of work.

/// Whether the first of two titles is about writing tests for what the second makes.
pub(super) fn is_pair(tests: &str, work: &str) -> bool {
    let (tests, work) = (words(tests), words(work));
    let Some(of_tests) = after_tests(&tests) else {
        return false;
    };
    let Some(of_work) = after_verb(&work) else { return false };
    let shared = of_tests.len().min(of_work.len());
    shared > 0 && of_tests[..shared] == of_work[..shared]
}

/// The words of a title in lower case, without articles and signs.
fn words(title: &str) -> Vec<String> {
    let article = |word: &String| matches!(word.as_str(), "the" | "a" | "an" | "");
    title
        .split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| !article(word))
        .collect()
}

/// `write failing unit tests for login form` is about `login form`.
fn after_tests(words: &[String]) -> Option<&[String]> {
    let verb = |word: &str| matches!(word, "write" | "add" | "create" | "implement" | "define");
    let sort = |word: &str| {
        matches!(
            word,
            "failing"
                | "unit"
                | "integration"
                | "e2e"
                | "end"
                | "to"
                | "component"
                | "red"
                | "tdd"
                | "new"
                | "regression"
        )
    };
    let rest = match words.first() {
        Some(first) if verb(first) => &words[1..],
        _ => words,
    };
    let begin = rest.iter().take_while(|word| sort(word)).count();
    match &rest[begin..] {
        [tests, of, about @ ..]
            if matches!(tests.as_str(), "test" | "tests") && matches!(of.as_str(), "for" | "of") =>
        {
            Some(about)
        }
        _ => None,
    }
}

/// `implement login form` is about `login form`.
fn after_verb(words: &[String]) -> Option<&[String]> {
    match words {
        [verb, about @ ..]
            if matches!(
                verb.as_str(),
                "implement" | "build" | "create" | "add" | "make" | "write"
            ) =>
        {
            Some(about)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_what_they_are_for() {
        assert!(is_pair("Write tests for the login form", "Implement login form"));
        assert!(is_pair("Tests for login", "Implement the login (with retry)"));
        assert!(is_pair("Add failing unit tests for `Parser`", "Create `Parser`"));
        assert!(!is_pair("Write tests for login", "Implement logout"));
        assert!(!is_pair("Write tests", "Implement login"));
        assert!(!is_pair("Tests for login", "Login page"));
        assert!(!is_pair("Write tests for the", "Implement"));
    }
}
