//! A chat-completions endpoint, asked and never trusted: answers are bounded in time and size, and what they say is checked by
//! the caller. Blocking; callers run it away from the runtime.

use std::net::IpAddr;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{Error, Exit, Result, beginning};

const LARGEST_ANSWER: u64 = 4 << 20;

/// The most characters that are shown of what a server says.
const LONGEST_SAID: usize = 300;
/// The longest pause that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub struct Endpoint {
    url: String,
    /// The URL without what its query says, which may be a key.
    shown: String,
    /// Whether a proxy that the environment names may carry the requests.
    may_use_proxy: bool,
    model: String,
    key: Option<String>,
    timeout: Duration,
    retries: u32,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Endpoint({} {})", self.shown, self.model)
    }
}

#[derive(Debug, Clone)]
pub struct Answer {
    /// The text of the first choice.
    pub content: String,
    /// Tokens in and out, as the server counts them; none where it does not say.
    pub tokens: Option<i32>,
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
    /// A count is beside the point: whatever is here never spoils an answer.
    #[serde(default)]
    usage: Value,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
}

enum Attempt {
    Answered(Answer),
    /// Worth another try, after this pause where the server named one.
    Failed(Error, Option<Duration>),
    /// Not worth one.
    Refused(Error),
}

impl Endpoint {
    /// An endpoint by its URL: the base (`https://host/v1`) or the whole path to `chat/completions`. Exit 2 when it is no HTTP
    /// URL, or plain HTTP to another machine, where the key and the items could be read on the way. The key goes with where it is
    /// from, in words.
    pub fn new(url: &str, model: &str, key: Option<(String, String)>, timeout: Duration, retries: u32) -> Result<Self> {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
        if host.is_empty()
            || host.contains('@')
            || url.contains('#')
            || url.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return Err(Error::usage("--endpoint is not the URL of an HTTP server").hint("write it as https://HOST/v1"));
        }
        let name = host.strip_prefix('[').and_then(|rest| rest.split(']').next());
        let name = name.unwrap_or_else(|| host.split(':').next().unwrap_or_default());
        let is_plain = url.starts_with("http://");
        let is_here = name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        if is_plain && !is_here {
            return Err(Error::usage(format!("plain HTTP to {host} would send the key and the items unencrypted"))
                .hint("use https://, or a server on this machine"));
        }
        if model.trim().is_empty() || model.chars().count() > 100 {
            return Err(Error::usage("--model has from 1 to 100 characters"));
        }
        let key = key.map(|(key, origin)| (key.trim().to_owned(), origin)).filter(|(key, _)| !key.is_empty());
        if let Some((key, origin)) = &key
            && let Some(wrong) = key.chars().find(|c| !c.is_ascii_graphic())
        {
            let what = match wrong {
                '\n' | '\r' => "a line break",
                ' ' | '\t' => "a blank",
                wrong if wrong.is_control() => "a control character",
                _ => "a character that is not ASCII",
            };
            return Err(Error::new(Exit::Config, format!("the API key from {origin} has {what} in it"))
                .hint("copy the key again, and nothing else"));
        }
        let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
        let base = base.trim_end_matches('/');
        let place = if base.ends_with("/chat/completions") { base.to_owned() } else { format!("{base}/chat/completions") };
        let with = |query: Option<String>| query.map_or_else(|| place.clone(), |query| format!("{place}?{query}"));
        let masked = |pair: &str| match pair.split_once('=') {
            Some((name, _)) => format!("{name}=***"),
            None => "***".to_owned(),
        };
        Ok(Endpoint {
            url: with(query.map(str::to_owned)),
            shown: with(query.map(|query| query.split('&').map(masked).collect::<Vec<_>>().join("&"))),
            // A proxy is on another machine as a rule, and only TLS keeps it from reading what it carries.
            may_use_proxy: !is_plain && !is_here,
            model: model.to_owned(),
            key: key.map(|(key, _)| key),
            timeout,
            retries,
        })
    }

    pub fn model(&self) -> &str {
        &self.model
    }

    /// Asks once, and again after a pause where the failure may pass or the answer does not suit `accept`. Exit 69 when no
    /// answer came or none that suits, 77 when the server refuses the key, 65 when it refuses the request.
    pub fn ask<T>(&self, system: &str, user: &str, accept: impl Fn(&str) -> Option<T>) -> Result<(T, Option<i32>)> {
        let mut spent: Option<i32> = None;
        let mut last = None;
        for attempt in 0..=self.retries {
            let pause = match self.once(system, user) {
                Attempt::Answered(answer) => {
                    if let Some(tokens) = answer.tokens {
                        spent = Some(spent.unwrap_or_default().saturating_add(tokens.max(0)));
                    }
                    if let Some(accepted) = accept(&answer.content) {
                        return Ok((accepted, spent));
                    }
                    last = Some(Error::new(Exit::Unreachable, "the model's answer does not have the expected form"));
                    None
                }
                Attempt::Refused(error) => return Err(error),
                Attempt::Failed(error, pause) => {
                    last = Some(error);
                    pause
                }
            };
            if attempt < self.retries {
                let own = Duration::from_millis(200) * 2_u32.saturating_pow(attempt);
                std::thread::sleep(pause.unwrap_or(own).min(LONGEST_PAUSE));
            }
        }
        let error = last.unwrap_or_else(|| Error::new(Exit::Unreachable, "the model was not asked"));
        let error = if self.retries == 0 { error } else { error.detail(format!("cmf asked {} times", self.retries + 1)) };
        if !error.hints().is_empty() {
            return Err(error);
        }
        Err(error.hint("check that the server runs and that --endpoint is its URL; --timeout and --retries give it more time"))
    }

    fn once(&self, system: &str, user: &str) -> Attempt {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(self.timeout))
            // A redirect could carry the key elsewhere.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(self.may_use_proxy.then(ureq::Proxy::try_from_env).flatten())
            .build()
            .into();
        let body = json!({
            "model": self.model,
            "temperature": 0,
            "messages": [{ "role": "system", "content": system }, { "role": "user", "content": user }],
        });
        let mut request = agent.post(&self.url).header("content-type", "application/json");
        if let Some(key) = &self.key {
            request = request.header("authorization", &format!("Bearer {key}"));
        }
        let unreachable = |what: String| {
            let what = what.replace(&self.url, &self.shown);
            Attempt::Failed(Error::new(Exit::Unreachable, format!("{}: {what}", self.shown)), None)
        };
        let mut response = match request.send(body.to_string()) {
            Ok(response) => response,
            Err(ureq::Error::Io(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                let told = format!("{} cannot be reached: no server is listening there", self.shown);
                let hint = "check that the server runs, and that --endpoint is its URL";
                return Attempt::Failed(Error::new(Exit::Unreachable, told).hint(hint), None);
            }
            Err(ureq::Error::Io(error)) => return unreachable(error.to_string()),
            Err(error) => return unreachable(error.to_string()),
        };
        let status = response.status().as_u16();
        match status {
            200 => {}
            401 | 403 => {
                return Attempt::Refused(
                    Error::new(Exit::Auth, format!("{} refuses the key (HTTP {status})", self.shown))
                        .hint("put the key into CMF_API_KEY, or name a file with --key-file"),
                );
            }
            405 | 501 => {
                return Attempt::Refused(
                    Error::data(format!("{} does not accept requests for chat completions (HTTP {status})", self.shown))
                        .hint("check --endpoint: it is the URL of an API like OpenAI's, such as https://HOST/v1"),
                );
            }
            408 | 409 | 425 | 429 | 500..=599 => {
                let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
                let pause = header.and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs);
                let error = Error::new(Exit::Unreachable, format!("{} cannot answer now (HTTP {status})", self.shown));
                let hint = if status == 429 {
                    "run the command again later, or raise --retries"
                } else {
                    "run the command again later; the log of that server says more"
                };
                return Attempt::Failed(said_by(&mut response).into_iter().fold(error, Error::detail).hint(hint), pause);
            }
            _ => {
                let error = Error::data(format!("{} refuses the request (HTTP {status})", self.shown));
                return Attempt::Refused(
                    said_by(&mut response).into_iter().fold(error, Error::detail).hint("check --endpoint and --model"),
                );
            }
        }
        let bytes = match response.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec() {
            Ok(bytes) => bytes,
            Err(error) => return unreachable(format!("the answer cannot be read: {error}")),
        };
        let completion: Completion = match serde_json::from_slice(&bytes) {
            Ok(completion) => completion,
            Err(_) => return unreachable("the answer is not a chat completion".to_owned()),
        };
        let content = completion.choices.into_iter().next().and_then(|choice| choice.message.content).unwrap_or_default();
        let tokens = completion.usage["total_tokens"].as_i64().and_then(|count| i32::try_from(count).ok());
        Attempt::Answered(Answer { content, tokens })
    }
}

/// What a server says about a request that it does not answer, on one line.
fn said_by(response: &mut ureq::http::Response<ureq::Body>) -> Option<String> {
    let bytes = response.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec().ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let json: Value = serde_json::from_str(&text).unwrap_or_default();
    let said = ["/error/message", "/error", "/message", "/detail"].iter().find_map(|at| json.pointer(at)?.as_str());
    // A page in HTML is for a browser.
    let said = said.map(str::to_owned).or_else(|| (!text.trim_start().starts_with('<')).then_some(text))?;
    let line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then(|| format!("it said: {}", beginning(&line, LONGEST_SAID)))
}

/// The first whole JSON object in a text, with or without words and fences around it.
pub fn object_in(text: &str) -> Option<Value> {
    for (at, _) in text.match_indices('{').take(20) {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        if let Some(Ok(value)) = values.next()
            && value.is_object()
        {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str) -> Result<Endpoint> {
        Endpoint::new(url, "m", None, Duration::from_secs(1), 0)
    }

    #[test]
    fn a_base_or_a_whole_url_leads_to_the_same_place() {
        for url in ["https://h/v1", "https://h/v1/", "https://h/v1/chat/completions"] {
            assert_eq!(endpoint(url).unwrap().url, "https://h/v1/chat/completions");
        }
        for url in ["https://h/v1?key=canary&v", "https://h/v1/?key=canary&v", "https://h/v1/chat/completions?key=canary&v"] {
            let endpoint = endpoint(url).unwrap();
            assert_eq!(endpoint.url, "https://h/v1/chat/completions?key=canary&v");
            assert_eq!(endpoint.shown, "https://h/v1/chat/completions?key=***&***");
        }
        assert!(endpoint("http://127.0.0.1:8080/v1").is_ok() && endpoint("http://[::1]:80/v1").is_ok());
    }

    #[test]
    fn what_is_no_safe_url_key_or_model_is_refused() {
        for url in ["", "ftp://h", "https://", "https://h/v1#canary", "https://user:pass@h/v1", "https://h/ v1"] {
            assert_eq!(endpoint(url).unwrap_err().exit(), Exit::Usage, "{url}");
        }
        for url in ["http://example.org/v1", "http://127.0.0.1.example.org/v1", "http://localhost.example.org"] {
            assert!(endpoint(url).unwrap_err().message().contains("unencrypted"), "{url}");
        }
        let with_key = |key: &str| {
            Endpoint::new("https://h", "m", Some((key.to_owned(), "CMF_API_KEY".to_owned())), Duration::from_secs(1), 0)
        };
        assert_eq!(with_key("a\nb").unwrap_err().exit(), Exit::Config);
        assert!(!format!("{:?}", with_key("secret").unwrap()).contains("secret"));
        assert!(Endpoint::new("https://h", " ", None, Duration::from_secs(1), 0).is_err());
    }

    #[test]
    fn an_object_is_found_among_words_and_fences() {
        assert_eq!(object_in("Sure:\n```json\n{\"a\": 1}\n``` {"), Some(json!({ "a": 1 })));
        assert_eq!(object_in("{not json} {\"b\": 2}"), Some(json!({ "b": 2 })));
        assert_eq!(object_in("none"), None);
        assert_eq!(object_in(&"{".repeat(100_000)), None);
    }
}
