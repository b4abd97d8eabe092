//! A Redis or Valkey of a test's own.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// Listens on a free port. Stopped when dropped.
pub struct RedisServer {
    port: u16,
    process: Child,
}

impl RedisServer {
    /// On `port`, if that is still free.
    pub fn start(port: Option<u16>) -> Self {
        let port = port.unwrap_or_else(free_port);
        Self::with(port, &["--port", &port.to_string()])
    }

    /// Wants a password.
    pub fn guarded(password: &str) -> Self {
        let port = free_port();
        Self::with(port, &["--port", &port.to_string(), "--requirepass", password])
    }

    /// Speaks TLS alone.
    pub fn over_tls(authority: &Authority) -> Self {
        let port = free_port();
        let (certificate, key) = authority.server();
        let paths = [&certificate, &key, &authority.path].map(|path| path.to_str().unwrap().to_owned());
        let tls = ["--port", "0", "--tls-port", &port.to_string(), "--tls-auth-clients", "no"];
        let files = ["--tls-cert-file", &paths[0], "--tls-key-file", &paths[1], "--tls-ca-cert-file", &paths[2]];
        Self::with(port, &[tls, files].concat())
    }

    fn with(port: u16, arguments: &[&str]) -> Self {
        let program = if Command::new("valkey-server").arg("--version").output().is_ok() { "valkey" } else { "redis" };
        let mut process = Command::new(format!("{program}-server"))
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(arguments)
            .current_dir(std::env::temp_dir())
            .stdout(Stdio::piped())
            .spawn()
            .expect("redis-server or valkey-server is on PATH: make tools");
        let mut log = BufReader::new(process.stdout.take().unwrap()).lines();
        assert!(log.any(|line| line.unwrap().contains("Ready to accept connections")), "Redis did not start");
        // It writes on: somebody has to read.
        std::thread::spawn(move || log.for_each(drop));
        Self { port, process }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// By the name its certificate is for.
    pub fn tls_url(&self) -> String {
        format!("rediss://localhost:{}", self.port)
    }

    pub fn url_with(&self, password: &str) -> String {
        format!("redis://:{password}@127.0.0.1:{}", self.port)
    }

    /// Wants another password from now on.
    pub fn change_password(&self, old: &str, new: &str) {
        let port = self.port.to_string();
        let arguments = ["-p", &port, "-a", old, "--no-auth-warning", "CONFIG", "SET", "requirepass", new];
        assert!(Command::new("redis-cli").args(arguments).status().unwrap().success());
    }

    pub fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap().success());
    }

    /// Ends it and waits for that.
    pub fn stop(mut self) -> u16 {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.port
    }

    pub fn keys(&self) -> Vec<String> {
        let port = self.port.to_string();
        let listed = Command::new("redis-cli").args(["-p", &port, "KEYS", "*"]).output().unwrap();
        String::from_utf8(listed.stdout).unwrap().lines().map(ToOwned::to_owned).collect()
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A certificate authority nobody knows but who is told.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
    path: PathBuf,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        fs::write(&path, issuer.pem()).unwrap();
        Self { issuer, folder, path }
    }

    /// Its own certificate.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Certificate and key of a server called localhost.
    fn server(&self) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let write = |name: &str, text: String| {
            let path = self.folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        (write("server.pem", certificate.pem()), write("server.key", key.serialize_pem()))
    }
}
