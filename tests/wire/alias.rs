//! `bandeau check` and names: hosts of the site that are aliases of a third party, told by a DNS server of the
//! tests' own, which answers, lies, cuts short or says nothing as the test wants.

use crate::support::{BANDEAU, CONFIG};
use simple_dns::rdata::{A, CNAME, RData};
use simple_dns::{CLASS, Name, Packet, PacketFlag, RCODE, ResourceRecord};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Command, Output};

/// What is known of names. `!` cuts the datagram, `?` says nothing, `#` refuses; one without a target has an address.
const NAMES: &[(&str, &str)] = &[
    ("www.site.test", ""),
    ("film.site.test", "site.cdn.test"),
    ("site.cdn.test", "player.vimeo.com"),
    ("player.vimeo.com", ""),
    ("kin.site.test", "customers.vimeo.com"),
    ("customers.vimeo.com", ""),
    ("count.site.test", "eu.ads.test"),
    ("eu.ads.test", ""),
    ("static.site.test", "site.cdn2.test"),
    ("site.cdn2.test", ""),
    ("circle.site.test", "elcric.site.test"),
    ("elcric.site.test", "circle.site.test"),
    ("long.site.test", "!ads.test"),
    ("dumb.site.test", "?"),
    ("rude.site.test", "#"),
    ("fonts.free.test", "ads.test"),
];

/// An answer to a question; nothing where there is to be none.
fn answer(question: &[u8], datagram: bool) -> Option<Vec<u8>> {
    let asked = Packet::parse(question).unwrap();
    let mut reply = Packet::new_reply(asked.id());
    reply.questions.clone_from(&asked.questions);
    let mut name = asked.questions[0].qname.to_string();
    let known = |name: &str| NAMES.iter().find(|(known, _)| *known == name).map(|(_, target)| *target);
    // Half of a chain at most: the rest must be asked for.
    for _ in 0..2 {
        match known(&name) {
            None if name == "ads.test" => break,
            None => *reply.rcode_mut() = RCODE::NameError,
            Some("?") => return None,
            Some("#") => *reply.rcode_mut() = RCODE::Refused,
            Some("") => {
                let address = RData::A(A { address: 0x7f00_0001 });
                reply.answers.push(ResourceRecord::new(Name::new(&name).unwrap().into_owned(), CLASS::IN, 1, address));
            }
            Some(target) => {
                if target.starts_with('!') && datagram {
                    reply.set_flags(PacketFlag::TRUNCATION);
                    break;
                }
                let target = target.trim_start_matches('!');
                // Names are written in any case.
                let alias = RData::CNAME(CNAME(Name::new(&target.to_uppercase()).unwrap().into_owned()));
                reply.answers.push(ResourceRecord::new(Name::new(&name).unwrap().into_owned(), CLASS::IN, 1, alias));
                name = target.to_owned();
                continue;
            }
        }
        break;
    }
    Some(reply.build_bytes_vec().unwrap())
}

/// A DNS server that lives as long as the tests.
fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let socket = UdpSocket::bind(address).unwrap();
    std::thread::spawn(move || {
        let mut bytes = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut bytes) {
            // Somebody who guesses is faster, and not believed.
            let mut guess = answer(&bytes[..length], true).unwrap_or_default();
            if let Some(byte) = guess.first_mut() {
                *byte ^= 0xff;
            }
            let _ = socket.send_to(&guess, from);
            if let Some(reply) = answer(&bytes[..length], true) {
                let _ = socket.send_to(&reply, from);
            }
        }
    });
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut question).unwrap();
            let reply = answer(&question, false).unwrap();
            stream.write_all(&[&(reply.len() as u16).to_be_bytes()[..], &reply].concat()).unwrap();
        }
    });
    address
}

fn check(dir: &Path, hosts: &str, more: &str, args: &[&str]) -> (Option<i32>, String) {
    let text = CONFIG.replace("hosts = [\"127.0.0.1\"]", &format!("hosts = [{hosts}]"));
    assert!(text.contains(hosts));
    std::fs::write(dir.join("bandeau.toml"), format!("upstream = \"http://127.0.0.1:1\"\n{text}{more}")).unwrap();
    let Output { status, stdout, stderr } =
        Command::new(BANDEAU).arg("check").args(args).current_dir(dir).output().unwrap();
    (status.code(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
}

#[test]
fn names_that_lead_to_a_third_party_are_found_with_the_whole_chain() {
    let (dir, dns) = (tempfile::tempdir().unwrap(), server().to_string());
    let ask = ["--resolver", dns.as_str()];
    for (host, words) in [
        (
            "film.site.test",
            &["film.site.test → site.cdn.test → player.vimeo.com", "belongs to", "Vimeo", "use = \"vimeo\""][..],
        ),
        ("kin.site.test", &["kin.site.test → customers.vimeo.com", "looks like", "Vimeo"]),
        ("count.site.test", &["count.site.test → eu.ads.test", "looks like", "service adnet"]),
        ("long.site.test", &["long.site.test → ads.test", "belongs to", "service adnet"]),
    ] {
        let (code, said) = check(dir.path(), &format!("\"www.site.test\", \"{host}\""), "", &ask);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("bandeau.toml:5:27: alias: "), "{said}");
        assert!(said.contains("1 to mend") && !said.contains("nothing is wrong"), "{said}");
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
    }
}

#[test]
fn names_of_exempt_services_are_looked_up_too() {
    let (dir, dns) = (tempfile::tempdir().unwrap(), server().to_string());
    let more = "[[service]]\nid = \"fonts\"\npurpose = \"technical\"\nhosts = [\"fonts.free.test\"]\n";
    let (code, said) = check(dir.path(), "\"www.site.test\"", more, &["--resolver", &dns]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("fonts.free.test → ads.test"), "{said}");
}

#[test]
fn names_that_lead_nowhere_else_are_fine() {
    let (dir, dns) = (tempfile::tempdir().unwrap(), server().to_string());
    let hosts = "\"www.site.test\", \"static.site.test\", \"circle.site.test\", \"127.0.0.1\", \"x.localhost\", \"*.more.test\"";
    let (code, said) = check(dir.path(), hosts, "", &["--resolver", &dns]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("nothing is wrong") && !said.contains("could not be resolved"), "{said}");
    assert!(said.contains("*.more.test stands for names that nobody can list"), "{said}");
}

#[test]
fn what_nobody_answers_is_said_and_no_failure() {
    let (dir, dns) = (tempfile::tempdir().unwrap(), server().to_string());
    let hosts = "\"dumb.site.test\", \"rude.site.test\", \"gone.site.test\"";
    let (code, said) = check(dir.path(), hosts, "", &["--resolver", &dns]);
    assert_eq!(code, Some(0), "{said}");
    for words in [
        "dumb.site.test could not be resolved (no answer within 2 s)",
        "rude.site.test could not be resolved (the DNS server answers Refused)",
        "gone.site.test could not be resolved (there is no such name)",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    // Without DNS, loudly, and at once.
    let (code, said) = check(dir.path(), "\"film.site.test\"", "", &["--no-dns"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("DNS was NOT asked"), "{said}");
}

#[test]
fn a_host_is_the_sites_or_a_services_and_not_both() {
    let dir = tempfile::tempdir().unwrap();
    for (hosts, named, wrong) in [
        ("\"www.site.com\", \"*.site.com\"", "count.site.com", true),
        ("\"count.site.com\"", "count.site.com/pixel/", true),
        ("\"*.site.com\"", "*.stats.site.com", true),
        ("\"www.site.com\"", "count.site.com", false),
        ("\"www.site.com\"", "*.site.com", false),
    ] {
        let more = |purpose| format!("[[service]]\nid = \"count\"\npurpose = \"{purpose}\"\nhosts = [\"{named}\"]\n");
        let (code, said) = check(dir.path(), hosts, &more("advertising"), &["--no-dns"]);
        assert_eq!(code, Some(i32::from(wrong)), "{hosts} {named}: {said}");
        assert_eq!(said.contains("one by one"), wrong, "{said}");
        assert_eq!(check(dir.path(), hosts, &more("technical"), &["--no-dns"]).0, Some(0), "exempt: {hosts} {named}");
    }
}
