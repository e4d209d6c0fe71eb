//! Command lines without the passwords and keys that people write into them. What looks like one is shown as `***`; a word that
//! nothing marks as a secret cannot be told from another.

/// What is shown in the place of a secret.
const HIDDEN: &str = "***";

/// Parts of the names of options, variables and headers that hold secrets.
const NAMES: [&str; 13] = [
    "passw", "passphrase", "pwd", "secret", "token", "apikey", "api-key", "api_key", "accesskey", "access-key", "access_key",
    "credential", "cookie",
];

/// How the keys of well-known services begin.
const KEYS: [&str; 12] =
    ["ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "AKIA", "ASIA", "eyJ", "hvs.", "sk-"];

/// Options whose value is `user:password`.
const LOGINS: [&str; 3] = ["-u", "--user", "--proxy-user"];

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_part = |part: &str| matches!(part, "auth" | "authorization" | "bearer" | "pass" | "key" | "sig" | "signature");
    NAMES.iter().any(|known| name.contains(known)) || name.split(|c: char| !c.is_ascii_alphanumeric()).any(is_part)
}

/// What is no address, without what may be its password: nothing tells for sure where that ends.
pub fn without_login(url: &str) -> String {
    let shown = match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, place))) => format!("{scheme}://{HIDDEN}@{place}"),
        (Some((scheme, _)), None) if url.matches(':').count() > 1 => format!("{scheme}://{HIDDEN}"),
        _ => url.to_owned(),
    };
    hidden(&[shown]).concat()
}

/// The words of a command, without what looks like a secret.
pub fn hidden(words: &[String]) -> Vec<String> {
    let mut before = "";
    let mut shown = Vec::with_capacity(words.len());
    for word in words {
        let is_value = before.starts_with('-') && !before.contains('=') && is_secret(before) && !word.starts_with('-');
        shown.push(match () {
            () if is_value => HIDDEN.to_owned(),
            () if LOGINS.contains(&before) => login(word),
            // A script or a header: what of it is the secret depends on what reads it.
            () if word.contains(char::is_whitespace) => {
                let words: Vec<String> = word.split_whitespace().map(str::to_owned).collect();
                let is_plain = hidden(&words) == words && !word.split(['\'', '"', '(', ';', ' ']).any(is_key);
                if is_plain && !words.iter().any(|word| is_secret(word)) { word.clone() } else { HIDDEN.to_owned() }
            }
            () => one(word),
        });
        before = word;
    }
    shown
}

fn is_key(text: &str) -> bool {
    KEYS.iter().any(|key| text.starts_with(key))
}

/// `user:password` without the password.
fn login(text: &str) -> String {
    text.split_once(':').map_or_else(|| text.to_owned(), |(user, _)| format!("{user}:{HIDDEN}"))
}

/// A word without blanks.
fn one(word: &str) -> String {
    if let Some((scheme, rest)) = word.split_once("://") {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        let host = host.rfind('@').map_or_else(|| host.to_owned(), |at| login(&host[..at]) + &host[at..]);
        let path: String = path.split_inclusive(['?', '&']).map(pair).collect();
        return format!("{scheme}://{host}{path}");
    }
    pair(word)
}

/// `name=value` or `name:value`, or a value alone.
fn pair(word: &str) -> String {
    let end = word.trim_end_matches('&').len();
    match word.split_once(['=', ':']) {
        Some((name, value)) if !value.is_empty() && (is_secret(name) || is_key(value)) => {
            format!("{}{HIDDEN}{}", &word[..=name.len()], &word[end..])
        }
        _ if is_key(word) => HIDDEN.to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_hidden_and_the_rest_stays() {
        let split = |text: &str| text.split('|').map(str::to_owned).collect::<Vec<_>>();
        for (given, shown) in [
            ("mfa|--site|eu|--days|30", "mfa|--site|eu|--days|30"),
            ("mfa|--password|hunter2", "mfa|--password|***"),
            ("mfa|--password=hunter2|x", "mfa|--password=***|x"),
            ("mfa|--api-key|-v", "mfa|--api-key|-v"),
            ("mfa|--key|k|v", "mfa|--key|***|v"),
            ("mfa|--keyboard|us", "mfa|--keyboard|us"),
            ("curl|-u|ada:hunter2|https://h/x", "curl|-u|ada:***|https://h/x"),
            ("curl|https://ada:hun@ter@h/x?a=1&b=2", "curl|https://ada:***@h/x?a=1&b=2"),
            ("curl|https://h/x?a=1&token=abc&b=2", "curl|https://h/x?a=1&token=***&b=2"),
            ("curl|-H|Authorization: Bearer abc", "curl|-H|***"),
            ("curl|-H|X-Api-Key:abc", "curl|-H|X-Api-Key:***"),
            ("curl|-H|Accept: text/csv", "curl|-H|Accept: text/csv"),
            ("env|PGPASSWORD=hunter2|psql|-c|select 1", "env|PGPASSWORD=***|psql|-c|select 1"),
            ("sh|-c|mfa --secret 'x y' --days 3", "sh|-c|***"),
            ("sh|-c|mfa 'ghp_0123' --days 3", "sh|-c|***"),
            ("sh|-c|echo 5; exit 1", "sh|-c|echo 5; exit 1"),
            ("sh|-c|curl https://a:b@h/; echo", "sh|-c|***"),
            ("gh|api|ghp_0123456789", "gh|api|***"),
            ("psql|postgres://a:b@h/d", "psql|postgres://a:***@h/d"),
        ] {
            assert_eq!(hidden(&split(given)).join("|"), shown, "{given}");
        }
    }
}
