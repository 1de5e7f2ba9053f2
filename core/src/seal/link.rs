//! The invitation link: everything a new device needs, in one line that fits a QR code.
//!
//! `https://HOST/j#1.` followed by base64url, without padding, of
//! `book 32 ‖ s 32 ‖ n u64 ‖ h 32 ‖ rseq u64 ‖ rprev 32`, integers big-endian. All but the host stands after `#`, which
//! browsers do not send: the server that serves the page never sees the secret. `(n, h)` and `(rseq, rprev)` are what
//! the inviter knew of the log and the roster, so that nobody can show the joiner an older or another book.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use samla_wire::ids::LogHash;
use samla_wire::{BookId, EntryId, Head};
use zeroize::Zeroizing;

use super::invite::InviteSecret;

const CONTENT_LEN: usize = 32 + 32 + 8 + 32 + 8 + 32;
const PATH: &str = "/j#";
const VERSION: &str = "1";

/// Why a text is not an invitation link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not a web address with a host.
    #[error("not a web address")]
    Address,
    /// An address without encryption that is not on this very machine.
    #[error("the address is not encrypted")]
    Insecure,
    /// An address, but not of an invitation.
    #[error("not an invitation link")]
    NotInvite,
    /// An invitation of a newer version of the program.
    #[error("an invitation of a newer version")]
    Version,
    /// A character is missing or was changed.
    #[error("a character is missing or wrong")]
    Malformed,
}

/// What a link says. Its text form, by `Display` and `FromStr`, is the link itself; that form holds the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteLink {
    /// The server's origin, such as `https://samla.example`; see [`server_origin`].
    pub server_url: String,
    /// The book.
    pub book: BookId,
    /// The invitation's secret.
    pub secret: InviteSecret,
    /// The log as far as the inviter knew it.
    pub pin: Head,
    /// The place of the roster op that opened the invitation.
    pub rseq: u64,
    /// That op's envelope.
    pub rprev: EntryId,
}

impl fmt::Debug for InviteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InviteLink").field("book", &self.book).field("pin", &self.pin).finish_non_exhaustive()
    }
}

impl fmt::Display for InviteLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut content = Zeroizing::new(Vec::with_capacity(CONTENT_LEN));
        content.extend_from_slice(&self.book.0);
        content.extend_from_slice(self.secret.as_bytes());
        content.extend_from_slice(&self.pin.n.to_be_bytes());
        content.extend_from_slice(&self.pin.h.0);
        content.extend_from_slice(&self.rseq.to_be_bytes());
        content.extend_from_slice(&self.rprev.0);
        write!(f, "{}{PATH}{VERSION}.{}", self.server_url, *Zeroizing::new(URL_SAFE_NO_PAD.encode(&*content)))
    }
}

impl FromStr for InviteLink {
    type Err = LinkError;

    /// Reads a link as people paste it: white space around it, and line breaks that a mail program put in, are ignored.
    fn from_str(text: &str) -> Result<Self, LinkError> {
        let text: Zeroizing<String> = Zeroizing::new(text.split_whitespace().collect());
        let Some((server, fragment)) = text.split_once(PATH) else {
            return Err(server_origin(&text).err().unwrap_or(LinkError::NotInvite));
        };
        let server_url = server_origin(server)?;
        let (version, encoded) = fragment.split_once('.').ok_or(LinkError::NotInvite)?;
        if version != VERSION {
            let newer = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
            return Err(if newer { LinkError::Version } else { LinkError::NotInvite });
        }
        let content = URL_SAFE_NO_PAD.decode(encoded).map(Zeroizing::new).map_err(|_| LinkError::Malformed)?;
        let mut rest = content.as_slice();
        let link = Self {
            server_url,
            book: BookId(take(&mut rest)?),
            secret: InviteSecret::from_bytes(take(&mut rest)?),
            pin: Head { n: u64::from_be_bytes(take(&mut rest)?), h: LogHash(take(&mut rest)?) },
            rseq: u64::from_be_bytes(take(&mut rest)?),
            rprev: EntryId(take(&mut rest)?),
        };
        if rest.is_empty() { Ok(link) } else { Err(LinkError::Malformed) }
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], LinkError> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or(LinkError::Malformed)?;
    *rest = tail;
    Ok(*head)
}

/// The one form of a server's address: scheme, host and port in lower case, no path, no slash at the end.
///
/// Plain `http` is taken only for this very machine (`localhost`, names under it, `127.x.x.x`, `[::1]`): the register
/// is sealed, but who signs in and the page that the server hands out are not. Fails with [`LinkError::Address`] or
/// [`LinkError::Insecure`].
pub fn server_origin(text: &str) -> Result<String, LinkError> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.strip_suffix('/').unwrap_or(&text);
    let (scheme, authority) = text.split_once("://").ok_or(LinkError::Address)?;
    let host = host(authority).ok_or(LinkError::Address)?;
    match scheme {
        "https" => Ok(text.to_owned()),
        "http" if is_this_machine(host) => Ok(text.to_owned()),
        "http" => Err(LinkError::Insecure),
        _ => Err(LinkError::Address),
    }
}

/// The host of `host` or `host:port`, if both are well formed.
fn host(authority: &str) -> Option<&str> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err() || !port.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let well_formed = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)),
    };
    well_formed.then_some(host)
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "[::1]"
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> InviteLink {
        InviteLink {
            server_url: "https://samla.example:8443".into(),
            book: BookId([1; 32]),
            secret: InviteSecret::from_bytes([2; 32]),
            pin: Head { n: 3, h: LogHash([4; 32]) },
            rseq: 5,
            rprev: EntryId([6; 32]),
        }
    }

    #[test]
    fn a_link_says_what_was_put_in() {
        let text = link().to_string();
        assert!(text.starts_with("https://samla.example:8443/j#1.AQEB"), "{text}");
        assert_eq!(text.len(), 26 + 3 + 2 + 192);
        assert_eq!(text.parse(), Ok(link()));
    }

    #[test]
    fn pasting_is_forgiven() {
        let text = link().to_string();
        let (a, b) = text.split_at(100);
        assert_eq!(format!("  {a}\r\n {b}\n").parse(), Ok(link()));
        assert_eq!(text.replace("https://samla", "HTTPS://Samla").parse(), Ok(link()));
    }

    #[test]
    fn every_other_text_is_named_for_what_it_is() {
        let text = link().to_string();
        let read = |text: &str| text.parse::<InviteLink>().unwrap_err();
        assert_eq!(read(""), LinkError::Address);
        assert_eq!(read("see you at the canteen"), LinkError::Address);
        assert_eq!(read("https://samla.example"), LinkError::NotInvite);
        assert_eq!(read("https://samla.example/j#"), LinkError::NotInvite);
        assert_eq!(read(&text.replace("#1.", "#2.")), LinkError::Version);
        assert_eq!(read(&text.replace("#1.", "#.")), LinkError::NotInvite);
        assert_eq!(read(&text.replace("https", "http")), LinkError::Insecure);
        assert_eq!(read(&text.replace("https", "ftp")), LinkError::Address);
        assert_eq!(read(&text[..text.len() - 4]), LinkError::Malformed);
        assert_eq!(read(&format!("{text}AAAA")), LinkError::Malformed);
        assert_eq!(read(&format!("{text}=")), LinkError::Malformed);
        assert_eq!(read(&text.replace("AQEB", "AQ+B")), LinkError::Malformed);
    }

    #[test]
    fn an_origin_has_one_form() {
        for (text, origin) in [
            (" https://Samla.Example/ ", "https://samla.example"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://127.0.0.1:1", "http://127.0.0.1:1"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]"),
            ("http://demo.localhost", "http://demo.localhost"),
        ] {
            assert_eq!(server_origin(text).as_deref(), Ok(origin));
        }
        for text in ["http://127.0.0.1.example", "http://localhost.example", "http://192.168.1.5:8080"] {
            assert_eq!(server_origin(text), Err(LinkError::Insecure), "{text}");
        }
        for text in [
            "https://",
            "samla.example",
            "https://a/b",
            "https://user@a",
            "https://a:",
            "https://a:99999",
            "https://a:+1",
            "https://[::1",
            "https://å.example",
            "https://a b",
            "https://a?q",
            "javascript://a",
        ] {
            assert_eq!(server_origin(text), Err(LinkError::Address), "{text}");
        }
    }

    #[test]
    fn debug_hides_the_secret_and_the_place() {
        let shown = format!("{:?}", link());
        assert!(!shown.contains("samla.example") && !shown.contains("AgIC"), "{shown}");
    }
}
