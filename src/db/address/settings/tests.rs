//! What strings, variables, services and password files come to together.

use std::collections::BTreeMap;

use super::super::SslMode;
use super::*;

fn around(variables: &[(&str, &str)]) -> Surroundings {
    let variables: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Surroundings { variable: Box::new(move |name| variables.get(name).cloned()), home: None, socket: None }
}

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Address> {
    address(text, &around(variables))
}

#[track_caller]
fn refused(text: &str, variables: &[(&str, &str)], reason: &str) {
    let error = read(text, variables).expect_err(text);
    assert_eq!(error.exit(), Exit::Config, "{text}");
    assert!(error.to_text().contains(reason), "{text}: {}", error.to_text());
    assert!(!error.to_text().contains("canary"), "{text}: {}", error.to_text());
}

#[test]
fn a_string_comes_before_variables_and_variables_before_defaults() {
    let variables = [("PGHOST", "env"), ("PGPORT", "7"), ("PGUSER", "u"), ("PGDATABASE", "d"), ("PGPASSWORD", "p")];
    assert_eq!(read("postgres://", &variables).unwrap().to_string(), "u@env:7/d");
    assert_eq!(read("postgres://me@h:8/x", &variables).unwrap().to_string(), "me@h:8/x");
    assert_eq!(read("user=me", &variables).unwrap().to_string(), "me@env:7/d");
    assert_eq!(read("host=/run/x user=me", &variables).unwrap().hosts[0].at, At::Socket("/run/x".into()));
    let address = read("postgres://u@h", &[("PGHOSTADDR", "10.0.0.1")]).unwrap();
    assert_eq!(address.hosts[0].at, At::Tcp { name: Some("h".into()), address: None });
    assert_eq!(read("postgres://u@", &[]).unwrap().to_string(), "u@localhost:5432/u");
    // Where there are sockets, a server without a name has one; nobody is looked for elsewhere if it is not there.
    let around = Surroundings { socket: Some("/run/x".into()), ..around(&[]) };
    assert_eq!(super::address("postgres://u@", &around).unwrap().hosts[0].at, At::Socket("/run/x".into()));
}

#[test]
fn what_is_left_out_is_as_in_psql() {
    let socket = Surroundings::of_this_process().socket;
    let usual = ["/var/run/postgresql", "/tmp"].map(std::path::PathBuf::from).into_iter().find(|folder| folder.is_dir());
    assert_eq!(socket, usual);
}

#[test]
fn limits_of_time_are_as_documented() {
    let minutes = std::time::Duration::from_mins;
    let of = |text: &str| read(text, &[]).unwrap();
    let usual = of("postgres://u@h/d");
    assert_eq!(usual.timeout, Some(std::time::Duration::from_secs(10)));
    assert_eq!(of("postgres://u@h/d?connect_timeout=0").timeout, None);
    assert_eq!(usual.keepalive.answer, Some(minutes(15)));
    assert_eq!(of("postgres://u@h/d?answer_timeout=0").keepalive.answer, None);
    let keepalive = usual.keepalive;
    assert!(keepalive.enabled && keepalive.idle + keepalive.interval * keepalive.count <= minutes(1));
    assert!(keepalive.user_timeout.is_some_and(|time| time <= minutes(1)));
}

#[test]
fn a_role_that_is_left_out_is_the_user_of_the_process() {
    let own = crate::os_user::own_name().unwrap();
    assert_eq!(
        read("postgres://h", &[("USER", "other"), ("LOGNAME", "other")]).unwrap().to_string(),
        format!("{own}@h:5432/{own}")
    );
    assert_eq!(read("postgres://h", &[("PGUSER", "u")]).unwrap().user, "u");
}

#[test]
fn what_is_written_around_a_string_does_not_count() {
    for text in ["postgres://u@h/d\n", "\r\n  postgres://u@h/d?sslmode=prefer\t\r\n", " host=h user=u dbname=d\n"] {
        assert_eq!(read(text, &[]).unwrap().to_string(), "u@h:5432/d", "{text:?}");
    }
}

#[test]
fn a_parameter_counts_before_what_stands_in_front_of_it() {
    let read = read("postgres://u:canary@localhost/d?host=/cloudsql/p:r:i&dbname=e", &[]).unwrap();
    assert_eq!((read.hosts[0].at.clone(), read.database_name()), (At::Socket("/cloudsql/p:r:i".into()), "e"));
    assert_eq!(read.url(), "postgres://u@%2Fcloudsql%2Fp%3Ar%3Ai:5432/e");
}

#[test]
fn settings_of_a_variable_are_the_session_s_where_the_string_has_none() {
    let options = |text: &str| super::super::session_settings(&read(text, &[("PGOPTIONS", "-c a.b=1\\ 2")]).unwrap().options);
    assert_eq!(options("host=h user=u"), "-c a.b=1\\ 2");
    assert_eq!(options("host=h user=u options='-c x=y'"), "-c x=y");
}

#[test]
fn what_libpq_would_take_silently_or_not_at_all_is_refused() {
    for (text, variables, reason) in [
        ("postgres://u@h/d?sslmod=require", &[][..], "did you mean `sslmode`?"),
        ("postgres://u@h/d?sslmode=requird", &[], "sslmode=requird is not one of disable, allow"),
        ("postgres://u@h/d?channel_binding=requird", &[], "channel_binding=requird is not one of disable, prefer, require"),
        ("postgres://u@h/d?connect_timeout=soon", &[], "connect_timeout is not a whole number"),
        ("postgres://u@h/d?target_session_attrs=master", &[], "target_session_attrs=master is not one of"),
        ("postgres://u@h/d?sslcrl=x", &[], "revocation lists are not supported"),
        ("postgres://u@h/d?sslmode=verify-full", &[], "sslrootcert=system"),
        ("postgres://u@h/d?sslmode=require&sslrootcert=system", &[], "needs sslmode=verify-full"),
        ("hostaddr=10.0.0.1 sslmode=verify-full sslrootcert=x", &[], "needs the host's name"),
        ("hostaddr=10.0.0.300", &[], "hostaddr is not an IP address"),
        ("postgres://u@h/d?sslcert=x", &[], "needs both sslcert and sslkey"),
        ("postgres://u@h/d?sslnegotiation=direct", &[], "needs sslmode=require or stronger"),
        ("postgres://u@h:99999/d", &[], "not a number from 1 to 65535"),
        ("postgres://u@h:0/d", &[], "not a number from 1 to 65535"),
        ("host=a,b port=1,2,3", &[], "3 ports for 2 hosts"),
        ("host=a,b hostaddr=::1", &[], "1 values of hostaddr for 2 hosts"),
        ("postgres://u:pw@can%40ary/d", &[], "not allowed in it"),
        ("postgres://u@h/d?client_encoding=LATIN1", &[], "always UTF8"),
        ("postgres://u@h/d?options=-w", &[], "only -c NAME=VALUE"),
        ("postgres://u@h/d", &[("PGSSLMODE", "requird")], "PGSSLMODE is requird, but must be one of"),
        ("postgres://u@h/d", &[("PGPORT", "54x32")], "54x32"),
        ("postgres://u@h/d", &[("PGREQUIRESSL", "1")], "use sslmode=require"),
        ("postgres://u@h/d", &[("PGSERVICE", "nowhere")], "there is no service `nowhere`"),
    ] {
        if reason == "54x32" {
            refused(text, variables, "PGPORT: the port is not a number");
        } else {
            refused(text, variables, reason);
        }
    }
}

#[test]
fn lists_of_hosts_share_one_port_or_have_one_each() {
    let shown = |text: &str| read(text, &[]).unwrap().to_string();
    assert_eq!(shown("host=a,b user=u port=7"), "u@a:7,b:7/u");
    assert_eq!(shown("host=a,b user=u port=7,8"), "u@a:7,b:8/u");
    assert_eq!(shown("postgres://u@a,b:8/d"), "u@a:5432,b:8/d");
    assert_eq!(shown("postgres://u@%2Fa%2Cb,c/d"), "u@/a,b:5432,c:5432/d");
    assert_eq!(read("postgres://u@%2Fa%2Cb/d", &[]).unwrap().hosts[0].at, At::Socket("/a,b".into()));
    let spread = read("host=a,b,c user=u load_balance_hosts=random", &[]).unwrap();
    assert_eq!(spread.hosts.len(), 3);
}

#[test]
fn no_string_shows_its_password() {
    let address = read("postgres://u:canary@h/d", &[]).unwrap();
    assert!(!format!("{address} {address:?} {:?}", address.hosts[0].password).contains("canary"));
    assert_eq!(address.hosts[0].password.as_ref().map(|secret| secret.0.as_str()), Some("canary"));
}

#[test]
fn a_root_certificate_makes_require_look_at_it() {
    assert_eq!(read("postgres://u@h/d?sslmode=require&sslrootcert=ca", &[]).unwrap().tls.mode, SslMode::VerifyCa);
    assert_eq!(read("postgres://u@h/d?sslmode=require", &[]).unwrap().tls.mode, SslMode::Require);
    assert_eq!(read("postgres://u@h/d?sslrootcert=system", &[]).unwrap().tls.mode, SslMode::VerifyFull);
    assert_eq!(read("postgres://u@h/d", &[]).unwrap().tls.mode, SslMode::Prefer);
}

#[test]
fn what_cannot_be_read_in_the_home_is_noted_and_counts_as_absent() {
    let home = tempfile::tempdir().unwrap();
    // A folder in the place of a file cannot be read by anybody.
    for name in [".pgpass", ".pg_service.conf"] {
        std::fs::create_dir(home.path().join(name)).unwrap();
    }
    let around = || Surroundings { home: Some(home.path().to_owned()), ..around(&[]) };
    let noted = |text: &str| {
        let address = address(text, &around()).unwrap();
        address.out_of_reach().map(|missed| missed.file.clone()).collect::<Vec<_>>()
    };
    assert_eq!(noted("host=a,b user=u"), [home.path().join(".pgpass")]);
    assert!(noted("host=h user=u password=x").is_empty());
    let error = address("service=x", &around()).unwrap_err();
    assert!(error.to_text().contains(".pg_service.conf cannot be read"), "{}", error.to_text());
    let named = format!("host=h passfile={}", home.path().join(".pgpass").display());
    assert!(address(&named, &around()).unwrap_err().to_text().contains("cannot be read"));
}

#[test]
fn session_options_are_taken_apart() {
    let address = read("host=h user=u options='-c a.b=1 --work-mem=4MB -cx=y\\\\ z'", &[]).unwrap();
    let pairs: Vec<_> = address.options.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(pairs, ["a.b=1", "work_mem=4MB", "x=y z"]);
}

#[test]
fn services_and_password_files_fill_in_what_is_missing() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(
        home.path().join(".pg_service.conf"),
        "# ours\n[other]\nhost=wrong\n\n[prod]\nhost=db.example.org\nuser=svc\nport = 7\nsslmode=disable\n[bad]\nhots=x\n[nested]\nservice=prod\n[junk]\nword\n",
    )
    .unwrap();
    let pgpass = home.path().join(".pgpass");
    std::fs::write(&pgpass, "db.example.org:7:svc:svc:first\nsecond.example.org:*:*:*:second\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&pgpass, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let around = |variables: &[(&str, &str)]| Surroundings { home: Some(home.path().to_owned()), ..around(variables) };
    let read = address("service=prod", &around(&[("PGPORT", "9"), ("PGUSER", "env")])).unwrap();
    assert_eq!(read.to_string(), "svc@db.example.org:7/svc");
    assert_eq!(read.hosts[0].password.as_ref().map(|secret| secret.0.as_str()), Some("first"));
    let read = address("postgres:///d?host=db.example.org,second.example.org", &around(&[("PGSERVICE", "prod")])).unwrap();
    let passwords: Vec<_> = read.hosts.iter().map(|host| host.password.as_ref().map(|secret| secret.0.as_str())).collect();
    assert_eq!(passwords, [None, Some("second")]);
    for (service, reason) in [
        ("bad", "did you mean `host`?"),
        ("nested", "names another service"),
        ("junk", "is not KEY=VALUE"),
        ("none", "no service `none`"),
    ] {
        let error = address(&format!("service={service}"), &around(&[])).unwrap_err();
        assert!(error.to_text().contains(reason), "{}", error.to_text());
    }
}

/// Whatever stands in a password, escaped or not, the string means the server it names, or is refused; and nothing that
/// can be printed repeats the password.
#[test]
fn no_password_leads_to_another_server_or_is_shown() {
    let samples =
        ["canary", "can@ary", "1/canary", "1?user=canary", "x@h2/d?application_name=canary", "a:canary#b", "%41canary"];
    let pieces = [
        "@", "/", "?", "&", "=", ":", "#", "%", "%40", "%zz", "[", "]", ",", ";", "'", "\\", "1", "@h2", "/d", "?host=h2",
        "&port=7", "?hostaddr=1.2.3.4", "://", "é", "%00", "%ff", "h2:1", "?ssl=true", "&service=x", "\u{1f}", "?dbname=x",
        "?options=-c a=b",
    ];
    let secret = |address: &Address| address.hosts[0].password.as_ref().map(|secret| secret.0.clone());
    let (mut right, mut refused) = (0, 0);
    let mut judge = |text: &str, password: Option<&str>| match read(text, &[]) {
        Ok(address) => {
            right += 1;
            assert_eq!(address.to_string(), "alice@db.example.org:5433/metrics", "{text}");
            assert!(!format!("{address:?} {:?}", address.hosts[0].password).contains("canary"), "{text}");
            assert!(address.options.is_empty() && address.tls.mode == SslMode::Prefer, "{text}");
            if let Some(password) = password {
                assert_eq!(secret(&address).as_deref(), Some(password), "{text}");
            }
        }
        Err(error) => {
            refused += 1;
            assert_eq!(error.exit(), Exit::Config, "{text}");
            assert!(!error.to_text().contains("canary"), "{text}: {}", error.to_text());
            assert!(password.is_none_or(|password| password.contains('\0')), "{text}: {}", error.to_text());
        }
    };
    crate::domain::mutated::mutated(&samples, &pieces, 10_000, |password| {
        if password.is_empty() {
            return;
        }
        judge(&format!("postgres://alice:{password}@db.example.org:5433/metrics"), None);
        let escaped: String = password.bytes().map(|byte| format!("%{byte:02X}")).collect();
        judge(&format!("postgres://alice:{escaped}@db.example.org:5433/metrics"), Some(password));
        let quoted = password.replace('\\', "\\\\").replace('\'', "\\'");
        judge(&format!("user=alice password='{quoted}' host=db.example.org port=5433 dbname=metrics"), Some(password));
        if !password.contains(char::is_whitespace) {
            judge(&format!("host=db.example.org port=5433 user=alice dbname=metrics password={password}"), None);
        }
    });
    assert!(right > 10_000 && refused > 1_000, "{right} right, {refused} refused");
}

/// A string that is taken means the same server when it is written out of what was understood.
#[test]
fn changed_strings_are_taken_as_they_are_meant_or_refused() {
    let samples = [
        "postgres://u:p@h:1/d",
        "postgres://h1,h2:7/d",
        "postgres://[::1]:7,[fe80::1]/d",
        "postgres:///d?host=/run/pg",
        "host=a,b port=1,2 user=u dbname=d",
        "postgres://%2Frun%2Fpg/d",
        "postgres://u@localhost/d?host=/cloudsql/p:r:i",
        "postgres://u%40x@%2Fa%3Ab%2Cc,h/d%2Fe",
        "host=a,b hostaddr=10.0.0.1,::1 user=u",
        "postgresql://u@h/d?sslmode=require&connect_timeout=3",
        "hostaddr=10.0.0.1 user=u",
        "user='a b' host=h dbname='x\\'y'",
    ];
    let pieces = [
        "@", "/", "?", "&", "=", ":", ",", "[", "]", "%2F", "%", "'", "\\", " ", "host=", "port=", "5432", "0", "99999", "::",
        "x", "sslmode=", "disable", "target_session_attrs=any", "mysql", "\u{1f}", "%3A", "%2C", "%25", "?host=/x:y", "\n",
    ];
    let mut taken = 0;
    crate::domain::mutated::mutated(&samples, &pieces, 20_000, |text| {
        if ["passfile", "service", "ssl"].iter().any(|name| text.contains(name)) {
            let _ = strings::pairs(text);
            return;
        }
        let Ok(address) = read(text, &[]) else { return };
        taken += 1;
        assert!(!address.hosts.is_empty() && address.hosts.iter().all(|host| host.port > 0), "{text}");
        let again = address.url();
        let read_again = read(&again, &[]).unwrap_or_else(|error| panic!("{text} is {again}: {}", error.to_text()));
        let parts = |address: &Address| {
            (address.hosts.iter().map(|host| (host.at.clone(), host.port)).collect::<Vec<_>>(), address.user.clone())
        };
        assert_eq!(parts(&read_again), parts(&address), "{text} is {again}");
        assert_eq!(read_again.database_name(), address.database_name(), "{text} is {again}");
        let quoted = |value: &str| format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"));
        let (mut hosts, mut addresses, mut ports) = (Vec::new(), Vec::new(), Vec::new());
        for host in &address.hosts {
            let (name, ip) = match &host.at {
                At::Socket(folder) => (folder.display().to_string(), String::new()),
                At::Tcp { name, address } => {
                    (name.clone().unwrap_or_default(), address.map(|address| address.to_string()).unwrap_or_default())
                }
            };
            hosts.push(name);
            addresses.push(ip);
            ports.push(host.port.to_string());
        }
        if hosts.iter().any(|host| host.contains(',') || host.trim() != host) {
            return;
        }
        let again = format!(
            "host={} hostaddr={} port={} user={} dbname={}",
            quoted(&hosts.join(",")),
            quoted(&if addresses.iter().all(String::is_empty) { String::new() } else { addresses.join(",") }),
            quoted(&ports.join(",")),
            quoted(&address.user),
            quoted(address.database_name()),
        );
        let read = read(&again, &[]).unwrap_or_else(|error| panic!("{text} is {again}: {}", error.to_text()));
        assert_eq!(read.to_string(), address.to_string(), "{text} is {again}");
        assert!(read.hosts.iter().zip(&address.hosts).all(|(one, other)| one.at == other.at), "{text} is {again}");
    });
    assert!(taken > 2_000, "{taken} were taken");
}
