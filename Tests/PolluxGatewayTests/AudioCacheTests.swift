import PolluxSecret
import PolluxTranslation
import Testing

@testable import PolluxGateway

@Suite("Speech is kept for a while, for those who got it (AUD-005)")
struct AudioCacheTests {
    static func answer(_ id: String, bytes: Int = 100) -> RememberedAnswer {
        var answer = RememberedAnswer()
        answer.audio = [RememberedAudio(id: id, content: [UInt8](repeating: 7, count: bytes))]
        return answer
    }

    @Test("Only the tenant that got it finds it (MSG-017)")
    func tenants() {
        let cache = AudioCache(timeToLive: 60)
        cache.remember(Self.answer("audio_1"), tenant: "key a", now: 0)
        #expect(cache.audio(id: "audio_1", tenant: "key a", now: 1)?.content.count == 100)
        #expect(cache.audio(id: "audio_1", tenant: "key b", now: 1) == nil)
        #expect(cache.audio(id: "audio_2", tenant: "key a", now: 1) == nil)
        #expect(cache.audio(id: "aaudio_1", tenant: "key ", now: 1) == nil)
    }

    @Test("Its time ends when its answer said, also when it was used")
    func age() {
        let cache = AudioCache(timeToLive: 60)
        cache.remember(Self.answer("audio_1"), tenant: "a", now: 0)
        #expect(cache.audio(id: "audio_1", tenant: "a", now: 60) != nil)
        #expect(cache.audio(id: "audio_1", tenant: "a", now: 61) == nil)
        #expect(cache.status.entries == 0 && cache.status.bytes == 0)
    }

    @Test("Bytes and entries are bounded: what was used least recently goes first")
    func bounds() {
        let cache = AudioCache(timeToLive: 60, maximumBytes: 2600, maximumEntries: 8)
        for number in 0..<50 {
            cache.remember(Self.answer("audio_\(number)"), tenant: "a", now: 0)
            _ = cache.audio(id: "audio_0", tenant: "a", now: 0)
            #expect(cache.status.bytes <= 2600 && cache.status.entries <= 8)
        }
        #expect(cache.audio(id: "audio_0", tenant: "a", now: 0) != nil)
        #expect(cache.audio(id: "audio_49", tenant: "a", now: 0) != nil)
        #expect(cache.audio(id: "audio_30", tenant: "a", now: 0) == nil)
        cache.remember(Self.answer("audio_x", bytes: 2000), tenant: "a", now: 0)
        #expect(cache.status.bytes <= 2600 && cache.status.entries == 2)
        cache.remember(Self.answer("audio_y", bytes: 3000), tenant: "a", now: 0)
        #expect(cache.audio(id: "audio_y", tenant: "a", now: 0) == nil)
    }

    @Test("Two keys of the Developer API are two tenants; an access token belongs to its project (SIG-010)")
    func passthrough() {
        let first = ClientIdentity.passthrough(Secret("key-1"))
        let second = ClientIdentity.passthrough(Secret("key-2"))
        #expect(first.tenant(project: "", location: "global") != second.tenant(project: "", location: "global"))
        #expect(first.tenant(project: "p", location: "l") == second.tenant(project: "p", location: "l"))
        #expect(first.tenant(project: "p", location: "l") != first.tenant(project: "p", location: "m"))
        #expect(!first.tenant(project: "", location: "").contains("key-1"))
    }
}
