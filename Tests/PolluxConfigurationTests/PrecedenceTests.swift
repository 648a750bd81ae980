import PolluxConfiguration
import Testing

@Suite("Configuration: sources")
struct PrecedenceTests {
    private static let file = smallest + "listen: {address: 10.0.0.1, port: 1}"

    @Test("Flags win over the environment, which wins over the file")
    func precedence() throws {
        let environment = ["POLLUX_LISTEN_PORT": "2"]
        let flag = ConfigurationOverride(key: "listen.port", text: "3", flag: "--port")
        #expect(try load(Self.file).listen.port == 1)
        #expect(try load(Self.file, environment: environment).listen.port == 2)
        #expect(try load(Self.file, environment: environment, overrides: [flag]).listen.port == 3)
        #expect(try load(Self.file, environment: environment).listen.address == "10.0.0.1")
    }

    @Test("No file is needed")
    func environmentAlone() throws {
        let environment = ["POLLUX_BACKENDS": "[{name: eu, kind: vertex}]", "POLLUX_N_PARTIAL": "true"]
        let loaded = try Configuration.load(contentsOf: nil, environment: environment)
        #expect(loaded.configuration.backends[0].name == "eu")
        #expect(loaded.configuration.nPartial)
    }

    @Test("A list of texts is written with commas or in YAML", arguments: ["p1,p2", " p1 , p2 ", "[p1, p2]"])
    func lists(text: String) throws {
        let configuration = try load(smallest, environment: ["POLLUX_ROUTING_ALLOWED_PROJECTS": text])
        #expect(configuration.routing.allowedProjects == ["p1", "p2"])
    }

    @Test("A value the environment replaces is not read any more")
    func replaced() throws {
        let text = smallest + "listen: {port: nonsense}"
        #expect(try load(text, environment: ["POLLUX_LISTEN_PORT": "2"]).listen.port == 2)
    }

    @Test("A single value in the way of a section stays an error")
    func obstacle() {
        #expect(
            errors(in: smallest + "listen: 5", environment: ["POLLUX_LISTEN_PORT": "2"]) == [
                "f:2:9: listen: expected a mapping, found a single value"
            ])
    }

    @Test("Errors name the variable or the flag")
    func names() {
        let environment = [
            "POLLUX_LISTEN_PORT": "x",
            "POLLUX_BACKENDS": "[{name: a, kind: vertex},\n {name: b, knd: vertex}]",
            "POLLUX_LISTN_PORT": "1",
            "POLLUX_CORS_ALLOWED_ORIGINS": "https://a/b",
        ]
        #expect(
            errors(in: "", environment: environment) == [
                "POLLUX_LISTN_PORT: unknown environment variable 'POLLUX_LISTN_PORT'; did you mean 'POLLUX_LISTEN_PORT'?",
                "POLLUX_LISTEN_PORT: listen.port: expected a whole number from 0 to 65535, found 'x'",
                "POLLUX_CORS_ALLOWED_ORIGINS: cors.allowed_origins[0]: expected '*' or an origin like "
                    + "https://example.com, without path",
                "POLLUX_BACKENDS:2:2: backends[1].kind: missing required key 'kind'",
                "POLLUX_BACKENDS:2:12: backends[1].knd: unknown key 'knd'; did you mean 'kind'?",
            ])
        let flag = ConfigurationOverride(key: "listen.prt", text: "1")
        #expect(throws: ConfigurationErrors.self) { try load(smallest, overrides: [flag]) }
        do throws(ConfigurationErrors) {
            _ = try Configuration.load(text: smallest, overrides: [flag])
        } catch {
            #expect(
                "\(error)"
                    == "--set listen.prt: listen.prt: unknown key 'listen.prt'; did you mean 'listen.port'?")
        }
    }

    @Test(
        "Variables that set nothing: the program's own, empty ones, and those Kubernetes makes",
        arguments: [
            ["POLLUX_CONFIG": "/etc/pollux.yaml"],
            ["POLLUX_LISTEN_PORT": ""],
            [
                "POLLUX_SERVICE_HOST": "10.0.0.1", "POLLUX_SERVICE_PORT": "80",
                "POLLUX_SERVICE_PORT_HTTP": "80",
            ],
            ["POLLUX_PORT": "tcp://10.0.0.1:80", "POLLUX_PORT_80_TCP": "tcp://10.0.0.1:80"],
            [
                "POLLUX_PORT_80_TCP_ADDR": "10.0.0.1", "POLLUX_PORT_80_TCP_PORT": "80",
                "POLLUX_PORT_80_TCP_PROTO": "tcp",
            ],
            ["POLLUX_ADMIN_SERVICE_HOST": "10.0.0.1", "POLLUX_ADMIN_PORT": "tcp://10.0.0.1:9090"],
            ["POLLUXIAN": "1", "PATH": "/bin"],
        ])
    func ignored(environment: [String: String]) throws {
        #expect(try load(smallest, environment: environment) == load(smallest))
    }
}
