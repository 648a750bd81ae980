import PolluxTranslation
import Testing

@testable import PolluxGateway

@Suite("Signatures in a pool of backends (SIG-009)")
struct SignatureOriginTests {
    private let vault = SignatureVault(maximumBytes: 1 << 16, timeToLive: 60)
    private let own = SignatureVault.Scope(tenant: "t", backend: "own", needsSignatures: true)
    private let other = SignatureVault.Scope(tenant: "t", backend: "other", needsSignatures: true)

    private func remember(call id: String, in scope: SignatureVault.Scope) {
        var answer = RememberedAnswer()
        answer.calls.append((id: id, signature: "QUJD"))
        vault.remember(answer, in: scope, now: 0)
    }

    private func source(others: Bool = true, acceptsUnknown: Bool = true) -> ScopedSignatures {
        ScopedSignatures(vault, own, others: others ? [other] : [], acceptsUnknown: acceptsUnknown, now: 0)
    }

    @Test("What another backend made is not sent, what this one made is")
    func origin() {
        remember(call: "mine", in: own)
        remember(call: "theirs", in: other)
        #expect(source().checksOrigin)
        #expect(source().accepts(call: "mine"))
        #expect(!source().accepts(call: "theirs"))
    }

    @Test("What nobody remembers is sent where the request was meant to go, and not where it had to go")
    func unknown() {
        #expect(source().accepts(call: "lost"))
        #expect(!source(acceptsUnknown: false).accepts(call: "lost"))
        #expect(!ForeignSignatures().accepts(call: "lost"))
    }

    @Test("A single backend asks nothing")
    func single() { #expect(!source(others: false).checksOrigin) }
}
