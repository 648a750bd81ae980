import PolluxConfiguration
import PolluxOpenAIWire
import Testing

@testable import PolluxGateway

@Suite("Where a path leads (EP-001…013)")
struct RouteTests {
    func find(_ method: String, _ target: String) throws(RouteError) -> Route {
        try Route.find(ClientRequest(method: method, target: target, headers: []))
    }

    @Test(
        "The three bases",
        arguments: [
            ("/v1/chat/completions", ChatBase.short), ("/v1/chat/completions/", .short),
            ("/v1/chat/completions?key=x", .short),
            ("/v1beta/openai/chat/completions", .studio), ("/%76%31/chat/completions", .short),
            (
                "/v1beta1/projects/p-1/locations/us-central1/endpoints/openapi/chat/completions",
                .vertex(version: "v1beta1", project: "p-1", location: "us-central1")
            ),
            (
                "/v1/projects/example.com:p/locations/global/endpoints/openapi/chat/completions",
                .vertex(version: "v1", project: "example.com:p", location: "global")
            ),
        ])
    func bases(target: String, base: ChatBase) throws { #expect(try find("POST", target) == .chatCompletions(base)) }

    @Test("Models and embeddings are served on every base (EP-006, EP-007)")
    func otherRoutes() throws {
        let vertex = ChatBase.vertex(version: "v1beta1", project: "p", location: "l")
        for (path, base) in [
            ("/v1", ChatBase.short), ("/v1beta/openai", .studio),
            ("/v1beta1/projects/p/locations/l/endpoints/openapi", vertex),
        ] {
            #expect(try find("POST", path + "/embeddings") == .embeddings(base))
            #expect(try find("GET", path + "/models/") == .models(base))
            #expect(try find("HEAD", path + "/models") == .models(base))
            #expect(try find("GET", path + "/models/google/gemini-x") == .model(base, id: "google/gemini-x"))
            #expect(try find("GET", path + "/models/google%2Fgemini-x") == .model(base, id: "google/gemini-x"))
            for (method, rest, allowed) in [
                ("GET", "/embeddings", "POST"), ("POST", "/models", "GET"), ("DELETE", "/models/x", "GET"),
            ] {
                let error = try #require(throws: RouteError.self) { try find(method, path + rest) }
                #expect(error.allow == allowed)
            }
        }
    }

    @Test(
        "A project or location that could become another host is a 400 that names it (EP-013)",
        arguments: [
            ("evil.com%2F", "us", "project"), ("P", "us", "project"), ("p%20", "us", "project"),
            ("p", "us.evil.com", "location"),
            ("p", "-us", "location"), ("p", "us-", "location"), ("p", "US", "location"), ("p", "a%23", "location"),
        ])
    func hostile(project: String, location: String, param: String) throws {
        let target = "/v1/projects/\(project)/locations/\(location)/endpoints/openapi/chat/completions"
        let error = try #require(throws: RouteError.self) { try find("POST", target) }
        #expect(error.error.status == 400)
        #expect(error.error.param == param)
    }

    @Test("Another method is a 405 that says which is allowed; another path a 404 (EP-011)")
    func refusals() throws {
        let method = try #require(throws: RouteError.self) { try find("GET", "/v1/chat/completions") }
        #expect(method.error.status == 405)
        #expect(method.allow == "POST")
        for target in ["/", "/x", "/v2/chat/completions", "/v1beta1/chat/completions", "/v1/chat", "/v1/%zz"] {
            let error = try #require(throws: RouteError.self) { try find("POST", target) }
            #expect(error.error.code == "unknown_url")
        }
        let missing = try #require(throws: RouteError.self) { try find("POST", "/v1/responses") }
        #expect(missing.error.code == "unsupported_endpoint")
    }

    @Test(
        "A key is shown by its ends, a short one not at all (AUTH-006)",
        arguments: [
            ("sk-abcdefghijkl", "sk-a****ijkl"), ("short", "*****"), ("elevenchars", "***********"),
        ])
    func masks(key: String, shown: String) { #expect(ClientAuthentication.masked(key) == shown) }

    @Test(
        "Model ids are of known letters (MOD-002)",
        arguments: [
            ("gemini-2.5-flash", true), ("a@b:c_d.e-f", true), ("", false), ("-a", false), ("a/b", false),
            ("a b", false), ("é", false),
        ])
    func models(id: String, isValid: Bool) { #expect(NameForm.modelID.matches(id) == isValid) }
}
