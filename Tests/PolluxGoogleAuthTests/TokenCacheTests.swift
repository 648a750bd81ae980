import PolluxGoogleAuth
import PolluxSecret
import Testing

@Suite("The token cache (CRED-008)")
struct TokenCacheTests {
    let clock = VirtualTime()
    let provider: ScriptedProvider
    let cache: TokenCache
    static let down = CredentialError(.unavailable, "down")
    static let refused = CredentialError(.refused, "no", isPermanent: true)

    init() {
        provider = ScriptedProvider(clock)
        cache = TokenCache(provider: provider, time: clock.time, logger: silentLogger)
    }

    @Test("Nothing is fetched before somebody asks, and then once")
    func first() async {
        #expect(cache.usableToken() == nil)
        #expect(provider.calls == 0)
        #expect(await cache.text() == "t1")
        #expect(await cache.text() == "t1")
        #expect(cache.usableToken()?.value.text == "t1")
        #expect(provider.calls == 1)
    }

    @Test("Five hundred requests at once make one call to the token endpoint")
    func singleFlight() async throws {
        let gate = Gate()
        try await withFixture(
            .answering { _ in
                await gate.pass()
                return .token("shared")
            }
        ) { fixture in
            let provider = try await fixture.provider(fixture.serviceAccount())
            let cache = TokenCache(provider: provider, time: fixture.clock.time, logger: silentLogger)
            let answers = await withTaskGroup(of: String.self) { group in
                for _ in 0..<500 { group.addTask { await cache.text() } }
                await cache.waiting(500)
                gate.open()
                return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(answers == ["shared": 500])
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test("From 600 s before its end a token is refreshed in the background, once, and handed out meanwhile")
    func ageing() async {
        _ = await cache.text()
        clock.advance(by: .seconds(2_999))
        #expect(cache.usableToken()?.value.text == "t1")
        #expect(provider.calls == 1)
        let gate = Gate()
        provider.hold(at: gate)
        clock.advance(by: .seconds(1))
        for _ in 0..<50 {
            #expect(cache.usableToken()?.value.text == "t1")
            #expect(await cache.text() == "t1")
        }
        #expect(cache.status.freshness == .ageing)
        #expect(cache.status.isRefreshing)
        gate.open()
        await cache.settled()
        #expect(cache.usableToken()?.value.text == "t2")
        #expect(provider.calls == 2)
        #expect(provider.mostRunning == 1)
    }

    @Test("Below 225 s requests wait for the refresh")
    func stale() async {
        _ = await cache.text()
        clock.advance(by: .seconds(3600 - 224))
        #expect(cache.status.freshness == .stale)
        #expect(cache.usableToken() == nil)
        #expect(await cache.text() == "t2")
    }

    @Test("When the refresh fails, a stale token serves until 10 s before its end")
    func staleAndFailing() async {
        _ = await cache.text()
        provider.fail(Self.down)
        clock.advance(by: .seconds(3600 - 224))
        #expect(await cache.text() == "t1")
        #expect(await cache.text() == "t1")
        #expect(provider.calls == 2)
        clock.advance(by: .seconds(224 - 11))
        #expect(await cache.text() == "t1")
        clock.advance(by: .seconds(1))
        provider.fail(Self.refused)
        #expect(cache.status.freshness == .spent)
        clock.advance(by: .seconds(10))
        #expect(await cache.text() == "refused")
    }

    @Test(
        "A source that is down for 30 s is asked after 1, 2, 4 and then every 8 s, and everything works after"
    )
    func downForThirtySeconds() async {
        let start = clock.now
        _ = await cache.text()
        clock.advance(by: .seconds(3_100))
        provider.fail(Self.down)
        var attempts: [Int] = []
        var calls = provider.calls
        for second in 0..<30 {
            // A request each tenth of a second; none of them notices.
            for _ in 0..<10 {
                #expect(await cache.text() == "t1")
                await cache.settled()
                if provider.calls > calls {
                    attempts.append(second)
                    calls = provider.calls
                }
                clock.advance(by: .milliseconds(100))
            }
        }
        #expect(attempts == [0, 1, 3, 7, 15, 23])
        #expect(cache.status.failures == 6)
        #expect(cache.status.lastError == Self.down)
        provider.fail(nil)
        clock.advance(by: .seconds(1))
        _ = cache.usableToken()
        await cache.settled()
        #expect(cache.usableToken()?.value.text == "t8")
        #expect(cache.status.failuresInARow == 0)
        #expect(cache.status.lastError == nil)
        #expect(clock.now - start == 3_131_000)
    }

    @Test("Without any token a request sits out three attempts; those that come later fail at once")
    func nothingAtAll() async throws {
        provider.fail(Self.down)
        async let first = cache.text()
        await clock.sleepers(1)
        #expect(provider.calls == 1)
        async let second = cache.text()
        await cache.waiting(2)
        clock.advance(by: .seconds(1))
        await clock.sleepers(1)
        #expect(provider.calls == 2)
        clock.advance(by: .seconds(2))
        #expect(await first == "unavailable")
        #expect(await second == "unavailable")
        #expect(provider.calls == 3)
        for _ in 0..<100 { #expect(await cache.text() == "unavailable") }
        #expect(provider.calls == 3)
        clock.advance(by: .seconds(4))
        provider.fail(nil)
        #expect(await cache.text() == "t4")
    }

    @Test("A source that recovers while requests wait costs them a pause, not an error")
    func recovers() async {
        provider.fail(Self.down)
        async let answer = cache.text()
        await clock.sleepers(1)
        provider.fail(nil)
        clock.advance(by: .seconds(1))
        #expect(await answer == "t2")
    }

    @Test("A request that comes in the pause after a failed refresh waits for the next attempt")
    func comesInThePause() async {
        provider.live(seconds: 2)
        _ = await cache.text()
        provider.fail(Self.down)
        clock.advance(by: .milliseconds(1_100))
        #expect(cache.usableToken()?.value.text == "t1")
        await cache.settled()
        clock.advance(by: .milliseconds(800))  // The token is spent; 200 ms of the pause are left.
        provider.fail(nil)
        async let waiting = cache.text()
        await clock.sleepers(1)
        #expect(provider.calls == 2)
        clock.advance(by: .milliseconds(200))
        #expect(await waiting == "t3")
    }

    @Test("A refusal is not repeated for 60 s")
    func permanent() async {
        provider.fail(Self.refused)
        for _ in 0..<59 {
            #expect(await cache.text() == "refused")
            clock.advance(by: .seconds(1))
        }
        #expect(provider.calls == 1)
        #expect(cache.status.lastError?.isPermanent == true)
        provider.fail(nil)
        clock.advance(by: .seconds(1))
        #expect(await cache.text() == "t2")
    }

    @Test("A refusal ends when the operator's files change; they are looked at once a second at most")
    func permanentUntilChanged() async {
        provider.fail(Self.refused)
        for _ in 0..<100 { #expect(await cache.text() == "refused") }
        #expect(provider.looks == 1)
        provider.fail(nil)
        provider.change()
        clock.advance(by: .seconds(1))
        #expect(await cache.text() == "t2")
    }

    @Test("A token that the upstream refused is dropped, and fetched anew once for all that saw the refusal")
    func invalidated() async throws {
        let token = try await cache.token()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    cache.invalidate(token)
                    #expect(await cache.text() == "t2")
                }
            }
        }
        cache.invalidate(token)
        #expect(await cache.text() == "t2")
        #expect(provider.calls == 2)
    }

    @Test("Who must ask once more is told: the next token may have been fetched before the refusal")
    func refusedWhileRefreshing() async throws {
        let first = try await cache.token()
        let gate = Gate()
        provider.hold(at: gate)
        clock.advance(by: .seconds(3_000))
        _ = cache.usableToken()
        #expect(!cache.invalidate(first))
        gate.open()
        let second = try await cache.token()
        #expect(!cache.invalidate(first))
        #expect(cache.invalidate(second))
        #expect(await cache.text() == "t3")
        #expect(cache.invalidate(second), "another request's, refused at the same time")
        #expect(provider.calls == 3)
    }

    @Test("An upstream that refuses every token cannot make us fetch more than ten in a minute")
    func refusesEverything() async throws {
        for _ in 0..<100 { cache.invalidate(try await cache.token()) }
        #expect(provider.calls == 11)
        clock.advance(by: .seconds(60))
        cache.invalidate(try await cache.token())
        #expect(await cache.text() == "t12")
    }

    @Test(
        "Tokens of five seconds work: refreshed in the background after half, waited for in the last quarter")
    func shortLives() async {
        provider.live(seconds: 5)
        _ = await cache.text()
        clock.advance(by: .milliseconds(2_499))
        #expect(cache.status.freshness == .fresh)
        clock.advance(by: .milliseconds(1))
        #expect(cache.status.freshness == .ageing)
        #expect(await cache.text() == "t1")
        await cache.settled()
        #expect(await cache.text() == "t2")
        clock.advance(by: .milliseconds(3_751))
        #expect(cache.status.freshness == .stale)
        #expect(await cache.text() == "t3")
        clock.advance(by: .seconds(5))
        #expect(cache.status.freshness == .spent)
        #expect(await cache.text() == "t4")
    }

    @Test("A caller that is cancelled leaves at once; the others get their token")
    func cancelled() async {
        let gate = Gate()
        provider.hold(at: gate)
        let leaving = Task { await cache.text() }
        await cache.waiting(1)
        async let staying = cache.text()
        await cache.waiting(2)
        leaving.cancel()
        #expect(await leaving.value == "cancelled")
        #expect(cache.status.waiting == 1)
        gate.open()
        #expect(await staying == "t1")
        #expect(provider.calls == 1)
    }

    @Test("A caller that is cancelled before it asks does not wait")
    func cancelledBefore() async {
        provider.hold(at: Gate())
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return await cache.text()
        }
        #expect(await task.value == "cancelled")
    }

    @Test("Shutting down ends every wait and every retry")
    func shutdown() async {
        provider.fail(Self.down)
        async let waiting = cache.text()
        await clock.sleepers(1)
        cache.shutdown()
        #expect(await waiting == "shut_down")
        #expect(await cache.text() == "shut_down")
        #expect(cache.usableToken() == nil)
        #expect(provider.calls == 1)
    }

    @Test("A clock that is set back makes the token doubtful, and no pause endless")
    func clockSetBack() async {
        _ = await cache.text()
        clock.advance(by: .seconds(-7_200))
        #expect(cache.status.freshness == .ageing)
        provider.fail(Self.refused)
        #expect(cache.usableToken()?.value.text == "t1")
        await cache.settled()
        clock.advance(by: .seconds(-7_200))
        provider.fail(nil)
        _ = cache.usableToken()
        await cache.settled()
        #expect(cache.usableToken()?.value.text == "t3")
    }

    @Test("A clock that jumps ahead costs one refresh, and a pause when the source is down just then")
    func clockSetAhead() async {
        _ = await cache.text()
        clock.advance(by: .seconds(86_400))
        #expect(cache.usableToken() == nil)
        #expect(await cache.text() == "t2")
        #expect(provider.calls == 2)
        provider.fail(Self.down)
        clock.advance(by: .seconds(86_400))
        async let waiting = cache.text()
        await clock.sleepers(1)
        provider.fail(nil)
        clock.advance(by: .seconds(1))
        #expect(await waiting == "t4")
    }

    @Test("What the cache says of itself has no secret")
    func status() async throws {
        let token = try await cache.token()
        clock.advance(by: .seconds(7))
        #expect(cache.status.ageSeconds == 7)
        #expect(cache.status.expiry == token.expiry)
        #expect(cache.status.refreshes == 1)
        for text in ["\(token)", "\(cache.status)", String(reflecting: token)] {
            #expect(!text.contains("t1"))
        }
    }
}
