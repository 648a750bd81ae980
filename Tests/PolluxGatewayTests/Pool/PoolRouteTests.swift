import PolluxConfiguration
import PolluxTranslation
import Testing

@testable import PolluxGateway

@Suite("Places of a model")
struct PoolRouteTests {
    private func gateway(_ text: String) throws -> Gateway {
        let configuration = try Configuration.load(text: "auth: {mode: passthrough}\n" + text).configuration
        let backends = configuration.backends.map {
            Backend(
                $0, base: configuration.upstream.baseURL, project: nil, location: "global", credential: .passthrough,
                settings: TranslationSettings(configuration, backend: $0))
        }
        return Gateway(configuration, backends: backends)
    }

    private static let regions = """
        backends:
          - name: vertex
            kind: vertex
            project: p
            locations: [europe-west4, us, {name: us-central1, base_url: "http://127.0.0.1:7"}]

        """

    @Test("A backend with several locations has a route to each, in their order")
    func locations() throws {
        let routes = try gateway(Self.regions).routes(model: "gemini-2.5-flash", base: .short)
        let paths = ["europe-west4", "us", "us-central1"].map {
            "/v1/projects/p/locations/\($0)/publishers/google/models/gemini-2.5-flash"
        }
        #expect(routes.map(\.route.path) == paths)
        let hosts = [
            "https://europe-west4-aiplatform.googleapis.com", "https://aiplatform.us.rep.googleapis.com",
            "http://127.0.0.1:7",
        ]
        #expect(routes.map { "\($0.route.address)" } == hosts)
        #expect(routes.map(\.share.tier) == [0, 1, 2])
    }

    @Test("A location in the path is the client's own choice: no other stands in for it, unless it is overridden")
    func path() throws {
        let base = ChatBase.vertex(version: "v1", project: "p", location: "us-central1")
        let chosen = try gateway(Self.regions).routes(model: "google/gemini-2.5-flash", base: base)
        #expect(chosen.map { "\($0.route.address)" } == ["http://127.0.0.1:7"])
        let overridden = try gateway(Self.regions + "routing: {override: true}")
        #expect(try overridden.routes(model: "google/gemini-2.5-flash", base: base).count == 3)
    }

    @Test("One place is one route, with the errors of a single one")
    func single() throws {
        let one = try gateway("backends: [{name: v, kind: vertex, project: p, location: eu}]")
        #expect(try one.routes(model: "gemini-2.5-flash", base: .short).count == 1)
        #expect(throws: (any Error).self) { try one.routes(model: "no/../such", base: .short) }
        #expect(throws: (any Error).self) { try one.routes(model: nil, base: .short) }
    }

    private static let pools = """
        backends:
          - name: eu
            kind: vertex
            project: p
            locations: [{name: europe-west4, weight: 1}, {name: europe-west1, weight: 3}]
          - {name: us, kind: vertex, project: q, locations: [us-central1, us-east5]}
          - {name: vllm, kind: openai, base_url: "http://127.0.0.1:8/v1", api_key: key, upstream_model: own}
          - {name: bare, kind: vertex}

        """

    private func shares(_ members: String) throws -> [(String, PoolShare)] {
        let gateway = try gateway(
            Self.pools + "pools: [{name: all, members: \(members)}]\nrouting: {default_backend: all}")
        return try gateway.routes(model: "gemini-2.5-flash", base: .short).map {
            ($0.route.target.location, $0.share)
        }
    }

    @Test("Members in order: those of the first come before those of the second")
    func order() throws {
        let shares = try shares("[eu, us]")
        #expect(shares.map(\.0) == ["europe-west4", "europe-west1", "us-central1", "us-east5"])
        #expect(shares.map(\.1.tier) == [0, 0, 1, 2])
        #expect(shares.prefix(2).map(\.1.weight) == [0.25, 0.75])
    }

    @Test("Members by weight: locations share their backend's; further ones in order stand in")
    func weights() throws {
        let shares = try shares("[{name: eu, weight: 2}, {name: us, weight: 1}]")
        #expect(shares.map(\.1.tier) == [0, 0, 0, 1])
        #expect(shares.map(\.1.weight) == [0.5, 1.5, 1, 1])
        #expect(
            try self.shares("[{name: eu, weight: 1}, {name: us, weight: 0}]").map(\.1.isLast) == [
                false, false, true, true,
            ])
    }

    @Test("A member that cannot serve the model at all is left out")
    func unservable() throws {
        #expect(try shares("[bare, us]").map(\.0) == ["us-central1", "us-east5"])
        #expect(throws: (any Error).self) { try shares("[bare]") }
    }

    @Test("An alias may name a pool, of different kinds of models, too")
    func alias() throws {
        let gateway = try gateway(
            Self.pools.replacing("auth: {mode: passthrough}\n", with: "") + """
                pools: [{name: fast, members: [us, eu]}]
                models: {aliases: {quick: {backend: fast, model: gemini-2.5-flash}}}
                """)
        let routes = try gateway.routes(model: "quick", base: .short)
        #expect(routes.map(\.route.backend.name) == ["us", "us", "eu", "eu"])
        #expect(try gateway.routes(model: "gemini-2.5-flash", base: .short).map(\.route.backend.name) == ["eu", "eu"])
    }

    // MARK: Choosing

    private func pool(_ members: String, memory: PlaceMemory = PlaceMemory()) throws -> RoutePool {
        let gateway = try gateway(
            Self.pools + "pools: [{name: all, members: \(members)}]\nrouting: {default_backend: all}")
        return RoutePool(try gateway.routes(model: "gemini-2.5-flash", base: .short), memory: memory)
    }

    private func picks(_ pool: RoutePool, _ count: Int, at now: Int = 0) -> [Int] {
        var picks = pool.places.map { _ in 0 }
        for _ in 0..<count {
            if let next = pool.next(without: RoutePool.Places(), at: now) { picks[next.index] += 1 }
        }
        return picks
    }

    @Test("In order, the first that is well gets all")
    func chooseInOrder() throws {
        let pool = try pool("[us]")
        #expect(picks(pool, 10) == [10, 0])
        pool.places[0].health.report(.refused(delay: nil), of: .regular, at: 0)
        #expect(picks(pool, 10) == [0, 10])
        #expect(picks(pool, 10, at: 1_000) == [1, 9])
    }

    @Test("By weight, each gets its share exactly, and who rests leaves it to the others", arguments: [16, 64, 800])
    func chooseByWeight(count: Int) throws {
        let pool = try pool("[eu]")
        let share = picks(pool, count)
        #expect(abs(share[0] - count / 4) <= 1)
        pool.places[1].health.report(.refused(delay: nil), of: .regular, at: 0)
        #expect(picks(pool, count) == [count, 0])
    }

    @Test("What only stands in gets requests when nobody else takes them")
    func lastOnes() throws {
        let pool = try pool("[{name: us, weight: 0}, {name: eu, weight: 1}]")
        #expect(picks(pool, 20).prefix(2) == [0, 0])
        for index in 2...3 { pool.places[index].health.report(.refused(delay: 9_000), of: .regular, at: 0) }
        #expect(picks(pool, 20) == [20, 0, 0, 0])
        for index in 0...1 { pool.places[index].health.report(.refused(delay: 5_000 + index), of: .regular, at: 0) }
        #expect(picks(pool, 20) == [0, 0, 0, 0])
        #expect(pool.lastResort(without: RoutePool.Places(), at: 0) == 0)
    }

    @Test("What was tried is not given again")
    func tried() throws {
        let pool = try pool("[eu, us]")
        var tried = RoutePool.Places()
        var order: [Int] = []
        while let next = pool.next(without: tried, at: 0) {
            order.append(next.index)
            tried.insert(next.index)
        }
        #expect(Set(order.prefix(2)) == [0, 1])
        #expect(order.suffix(2) == [2, 3])
    }

    @Test("What is remembered survives another configuration, by backend, location and model")
    func memory() throws {
        let memory = PlaceMemory()
        let before = try pool("[eu, us]", memory: memory)
        before.places[2].health.report(.refused(delay: 5_000), of: .regular, at: 0)
        let after = try pool("[us]", memory: memory)
        #expect(picks(after, 3) == [0, 3])
        #expect(memory.snapshot(at: 1_000).map(\.rest) == [0, 0, 4_000, 0])
        #expect(memory.snapshot(at: 0).map(\.location) == ["europe-west1", "europe-west4", "us-central1", "us-east5"])
    }

    @Test("The memory is bounded, and keeps what is not well")
    func bounded() throws {
        let memory = PlaceMemory()
        let route = try gateway(Self.pools).route(model: "gemini-2.5-flash", base: .short)
        memory.health(of: .init(route)).report(.refused(delay: 600_000), of: .regular, at: 0)
        for index in 0..<2 * PlaceMemory.maximumPlaces {
            var target = route.target
            target.model = "m\(index)"
            let other = ModelRoute(backend: route.backend, target: target, address: route.address, path: route.path)
            _ = memory.health(of: .init(other))
        }
        let known = memory.snapshot(at: 0)
        #expect(known.count <= PlaceMemory.maximumPlaces)
        #expect(known.count { $0.condition == .resting } == 1)
    }
}
