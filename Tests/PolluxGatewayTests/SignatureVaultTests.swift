import PolluxTranslation
import Testing

@testable import PolluxGateway

@Suite("Signatures are kept for clients that drop them (SIG-010, SIG-011)")
struct SignatureVaultTests {
    static let scope = SignatureVault.Scope(tenant: "key a", backend: "eu", needsSignatures: true)

    static func answer(_ id: String, _ signature: String) -> RememberedAnswer {
        var answer = RememberedAnswer()
        answer.calls = [(id, signature)]
        return answer
    }

    @Test("A call's signature is found by its id, in its own scope only (SIG-009)")
    func scopes() {
        let vault = SignatureVault(maximumBytes: 10_000, timeToLive: 60)
        vault.remember(Self.answer("c1", "QUJD"), in: Self.scope, now: 0)
        #expect(ScopedSignatures(vault, Self.scope, now: 1).signature(forCall: "c1") == "QUJD")
        #expect(ScopedSignatures(vault, Self.scope, now: 1).signature(forCall: "c2") == nil)
        for change in [\SignatureVault.Scope.tenant, \SignatureVault.Scope.backend] {
            var other = Self.scope
            other[keyPath: change] = "other"
            #expect(ScopedSignatures(vault, other, now: 1).signature(forCall: "c1") == nil)
        }
        var family = Self.scope
        family.needsSignatures = false
        #expect(ScopedSignatures(vault, family, now: 1).signature(forCall: "c1") == nil)
    }

    @Test("A message is found by its exact text, in whatever pieces it came")
    func messages() {
        let vault = SignatureVault(maximumBytes: 10_000, timeToLive: 60)
        var answer = RememberedAnswer()
        let remembered = RememberedMessage(signature: "QUJD", runs: [.init(isThought: true, source: 0..<3)])
        var digest = vault.digest(in: Self.scope)
        for piece in ["a", "bc"] { digest.append(piece.utf8Span.span) }
        answer.messages = [(digest.key, remembered)]
        vault.remember(answer, in: Self.scope, now: 0)
        let signatures = ScopedSignatures(vault, Self.scope, now: 1)
        let same = Array("abc".utf8)
        let other = Array("abd".utf8)
        #expect(signatures.message(content: same.span) == remembered)
        #expect(signatures.message(content: other.span) == nil)
    }

    @Test("What is not used for its time is gone; a use begins the time anew")
    func age() {
        let vault = SignatureVault(maximumBytes: 10_000, timeToLive: 60)
        vault.remember(Self.answer("c1", "QUJD"), in: Self.scope, now: 0)
        #expect(ScopedSignatures(vault, Self.scope, now: 60).signature(forCall: "c1") == "QUJD")
        #expect(ScopedSignatures(vault, Self.scope, now: 120).signature(forCall: "c1") == "QUJD")
        #expect(ScopedSignatures(vault, Self.scope, now: 181).signature(forCall: "c1") == nil)
        #expect(vault.isEmpty)
    }

    @Test("Memory is bounded: what was used least recently goes first")
    func memory() {
        let vault = SignatureVault(maximumBytes: 2000, timeToLive: 60)
        for number in 0..<100 {
            vault.remember(Self.answer("c\(number)", String(repeating: "A", count: 40)), in: Self.scope, now: number)
            _ = ScopedSignatures(vault, Self.scope, now: number).signature(forCall: "c0")
            #expect(vault.status.bytes <= 2000)
        }
        #expect(vault.status.entries == 10)
        #expect(ScopedSignatures(vault, Self.scope, now: 99).signature(forCall: "c0") != nil)
        #expect(ScopedSignatures(vault, Self.scope, now: 99).signature(forCall: "c50") == nil)
        vault.remember(Self.answer("huge", String(repeating: "A", count: 5000)), in: Self.scope, now: 100)
        #expect(ScopedSignatures(vault, Self.scope, now: 100).signature(forCall: "huge") == nil)
    }
}
