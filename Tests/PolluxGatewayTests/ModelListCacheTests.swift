import Testing

@testable import PolluxGateway

@Suite("Upstreams' lists are kept for a while (MOD-006)")
struct ModelListCacheTests {
    let key = ModelListCache.Key(backend: "b", tenant: "t")

    @Test("A list is fresh for its time to live, and there after it")
    func time() {
        let cache = ModelListCache(timeToLive: 600)
        #expect(cache.fresh(key, now: 0) == nil)
        #expect(cache.stale(key, now: 0) == nil)
        cache.keep(["a"], for: key, now: 100)
        #expect(cache.fresh(key, now: 699) == ["a"])
        #expect(cache.fresh(key, now: 700) == nil)
        #expect(cache.stale(key, now: 700) == ["a"])
        #expect(cache.fresh(ModelListCache.Key(backend: "b", tenant: "u"), now: 100) == nil)
    }

    @Test("After a failure the upstream is left alone for a moment")
    func pause() {
        let cache = ModelListCache(timeToLive: 600)
        cache.keep(["a"], for: key, now: 0)
        #expect(cache.stale(key, now: 1000) == ["a"])
        #expect(cache.fresh(key, now: 1029) == ["a"])
        #expect(cache.fresh(key, now: 1030) == nil)
    }

    @Test("There are never more lists than may be")
    func limit() {
        let cache = ModelListCache(timeToLive: 600)
        for index in 0...ModelListCache.maximumLists {
            cache.keep(["\(index)"], for: ModelListCache.Key(backend: "b", tenant: "\(index)"), now: 0)
        }
        #expect(cache.fresh(ModelListCache.Key(backend: "b", tenant: "0"), now: 0) == nil)
        let last = ModelListCache.Key(backend: "b", tenant: "\(ModelListCache.maximumLists)")
        #expect(cache.fresh(last, now: 0) == ["\(ModelListCache.maximumLists)"])
    }
}
