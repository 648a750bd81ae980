import PolluxConfiguration
import Testing

@Suite("Configuration: locations and pools")
struct PoolTests {
    private func backend(_ settings: String) -> String { "backends: [{name: b, kind: vertex, \(settings)}]\n" }

    @Test("Locations are names, or mappings; without weights their order counts")
    func order() throws {
        let text = backend("locations: [europe-west4, {name: us-central1, base_url: 'http://127.0.0.1:7'}]")
        let backend = try load(text).backends[0]
        #expect(backend.locations.map(\.name) == ["europe-west4", "us-central1"])
        #expect(backend.locations.allSatisfy { $0.weight == nil })
        #expect(backend.locations[0].baseURL == nil)
        #expect(backend.locations[1].baseURL?.port == 7)
        #expect(backend.location == "europe-west4")
    }

    @Test("One weight gives all others 1; 0 only stands in")
    func weights() throws {
        let text = backend("locations: [a, {name: b, weight: 3}, {name: c, weight: 0}]")
        #expect(try load(text).backends[0].locations.map(\.weight) == [1, 3, 0])
    }

    @Test(
        "What is wrong with locations is said where it stands",
        arguments: [
            (
                "locations: [eu, {name: eu}]",
                "f:1:59: backends[0].locations[1].name: 'eu' stands in this list twice"
            ),
            (
                "location: eu, locations: [us]",
                "f:1:46: backends[0].location: write it as the first of locations"
            ),
            (
                "locations: []",
                "f:1:47: backends[0].locations: missing required key 'locations': at least one is needed"
            ),
            (
                "locations: [{name: eu, weight: 0}]",
                "f:1:47: backends[0].locations: every weight is 0: nothing would get requests"
            ),
            (
                "locations: [US]",
                "f:1:48: backends[0].locations[0].name: expected a location: 1 to 40 of a-z, 0-9, '-', "
                    + "beginning and ending with a letter or digit"
            ),
            ("locations: eu", "f:1:47: backends[0].locations: expected a list, found a single value"),
            (
                "locations: [{name: eu, wieght: 1}]",
                "f:1:59: backends[0].locations[0].wieght: unknown key 'wieght'; did you mean 'weight'?"
            ),
        ])
    func mistakes(settings: String, message: String) { #expect(errors(in: backend(settings)) == [message]) }

    @Test("An endpoint is in one place: its kind takes no locations")
    func otherKinds() {
        let text = "backends: [{name: b, kind: openai, base_url: 'http://v/v1', locations: [eu]}]"
        #expect(
            errors(in: text) == [
                "f:1:72: backends[0].locations: kind openai has one address; name several backends in pools"
            ])
    }

    private static let two =
        "backends: [{name: a, kind: vertex}, {name: b, kind: gemini-api, credentials: {type: adc}}]\n"

    @Test("A pool's name stands where a backend's may")
    func pool() throws {
        let text =
            Self.two + """
                pools: [{name: all, members: [a, {name: b, weight: 2}]}]
                routing: {default_backend: all}
                models: {aliases: {fast: {backend: all, model: m}}}
                """
        let configuration = try load(text)
        #expect(configuration.pools.map(\.name) == ["all"])
        #expect(configuration.pools[0].members.map(\.weight) == [1, 2])
        #expect(configuration.routing.defaultBackend == "all")
        #expect(configuration.members(of: "all").map(\.name) == ["a", "b"])
        #expect(configuration.members(of: "b").map(\.name) == ["b"])
    }

    @Test(
        "A pool names backends that there are, and no other pool",
        arguments: [
            (
                "pools: [{name: p, members: [a, c]}]",
                "f:2:32: pools[0].members[1].name: no backend has this name"
            ),
            ("pools: [{name: a, members: [b]}]", "f:2:16: pools[0].name: a backend or another pool has this name"),
            (
                "pools: [{name: p, members: [a]}, {name: q, members: [p]}]",
                "f:2:54: pools[1].members[0].name: no backend has this name"
            ),
            ("pools: [{name: p}]", "f:2:9: pools[0].members: missing required key 'members': at least one is needed"),
            (
                "pools: [{name: p, members: [a, b]}]\nauth: {mode: passthrough}",
                "f:2:28: pools[0].members: auth.mode is passthrough, and one client's credential would go to "
                    + "different services"
            ),
            (
                "pools: [{name: p, members: [a, b]}]\nmodels: {aliases: {x: {backend: p}}}",
                "f:3:23: models.aliases.x.model: missing required key 'model': kind vertex serves many models"
            ),
        ])
    func references(text: String, message: String) {
        let found = errors(in: Self.two + text)
        #expect(found == [message])
    }
}
