import GRDB
import PolluxLimits
import PolluxSecret
import PolluxStore
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("Store: keys")
struct KeyTests {
    @Test("A key is kept with everything that was said of it, and is there when the file is opened again")
    func kept() async throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let made = try await store.create("team-a") { draft in
            draft.owner = #"Ann "the" O'Neil, 日本"#
            draft.models = ["google/*", "gemini-2.5-*"]
            draft.projects = ["p1"]
            draft.limits.requestsPerMinute = 60
            draft.limits.tokensPerMinute = 1000
            draft.limits.concurrentRequests = 3
            draft.limits.dailyMoney = Money(dollars: "12.50")
            draft.limits.monthlyMoney = Money(dollars: "100")
            draft.limits.dailyTokens = 5
            draft.limits.monthlyTokens = KeyLimits.tokenBudgets.upperBound
            draft.expires = noon + 60
        }
        store.close()
        let keys = try await scratch.store(.readOnly).keys()
        #expect(keys == [made])
        #expect(made.owner == #"Ann "the" O'Neil, 日本"#)
        #expect(made.models == ["google/*", "gemini-2.5-*"])
        #expect(made.limits.dailyMoney?.description == "12.50")
        #expect(made.state(at: noon) == .active)
        #expect(made.state(at: noon + 60) == .expired)
    }

    @Test("A key has 256 bits of chance, and fits into one block of SHA-256")
    func text() {
        let texts = (0..<100).map { _ in KeyText.new() }
        #expect(Set(texts).count == 100)
        for text in texts {
            text.withText { text in
                #expect(text.hasPrefix("sk-pollux-"))
                #expect(text.utf8.count == 53)
            }
        }
    }

    @Test("The file holds the digest of a key and never its text")
    func digestOnly() async throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let key = Secret("sk-pollux-marked-for-the-search")
        _ = try await store.create(KeyDraft(name: "a"), digest: KeyText.digest(key), now: noon)
        store.close()
        let row = try await DatabaseQueue(path: scratch.path).read { db in
            try String.fetchAll(db, sql: "SELECT quote(t.digest) || t.name FROM client_key t").joined()
        }
        #expect(!row.contains("marked"))
        #expect(row.hasSuffix("a"))
    }

    @Test("A name is given once, whatever its letters' case, and is not free again when the key is revoked")
    func uniqueNames() async throws {
        let store = try Scratch().held { try $0.store() }
        try await store.value.create("team")
        _ = try await store.value.revoke("team", now: noon)
        await #expect(throws: StoreError.nameTaken("Team")) { try await store.value.create("Team") }
    }

    @Test("A revoked key stays revoked: with its first moment, and without another text")
    func revoked() async throws {
        let store = try Scratch().held { try $0.store() }
        try await store.value.create("team")
        _ = try await store.value.revoke("team", now: noon)
        let again = try await store.value.revoke("team", now: noon + 5)
        #expect(again.revoked == noon)
        #expect(again.state(at: noon) == .revoked)
        await #expect(throws: StoreError.isRevoked("team")) {
            try await store.value.rotate("team", digest: KeyText.digest(KeyText.new()), graceEnd: nil)
        }
        await #expect(throws: StoreError.notFound("nobody")) { try await store.value.revoke("nobody", now: noon) }
    }

    @Test("A rotated key has another digest; the old one is kept only for the time that was asked for")
    func rotated() async throws {
        let store = try Scratch().held { try $0.store() }
        let first = try await store.value.create("team")
        let second = KeyText.digest(KeyText.new())
        let rotated = try await store.value.rotate("team", digest: second, graceEnd: noon + 600)
        #expect(rotated.digest == second)
        #expect(rotated.previousDigest == first.digest)
        #expect(rotated.previousUntil == noon + 600)
        let third = try await store.value.rotate("team", digest: KeyText.digest(KeyText.new()), graceEnd: nil)
        #expect(third.previousDigest == nil)
    }

    @Test("A changed key keeps its text, what was not said, and what two say of different things at once")
    func changed() async throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let made = try await store.create("team") { draft in
            draft.models = ["google/*"]
            draft.limits.requestsPerMinute = 60
            draft.limits.dailyMoney = Money(dollars: "1")
            draft.expires = noon + 60
        }
        async let first = store.change("TEAM", now: noon) { $0.limits.requestsPerMinute = nil }
        async let second = store.change("team", now: noon) { $0.limits.monthlyTokens = 7 }
        _ = try await (first, second)
        var expected = made
        expected.limits.requestsPerMinute = nil
        expected.limits.monthlyTokens = 7
        #expect(try await store.key(named: "team") == expected)
    }

    @Test("A key that has expired may be given more time, and other things be changed of it before")
    func expiredIsChanged() async throws {
        let store = try Scratch().held { try $0.store() }
        try await store.value.create("team") { $0.expires = noon + 60 }
        let later = try await store.value.change("team", now: noon + 90) { $0.owner = "Ann" }
        #expect(later.state(at: noon + 90) == .expired)
        await refuses("expires") { try await store.value.change("team", now: noon + 90) { $0.expires = noon + 80 } }
        let more = try await store.value.change("team", now: noon + 90) { $0.expires = noon + 600 }
        #expect(more.state(at: noon + 90) == .active)
        #expect(more.owner == "Ann")
    }

    @Test("What cannot be is not put into a key, and nothing is changed of one that is revoked")
    func badChanges() async throws {
        let store = try Scratch().held { try $0.store() }
        let made = try await store.value.create("team")
        await refuses("rpm") { try await store.value.change("team", now: noon) { $0.limits.requestsPerMinute = 0 } }
        await refuses("owner") { try await store.value.change("team", now: noon) { $0.owner = "a\u{2029}b" } }
        #expect(try await store.value.key(named: "team") == made)
        _ = try await store.value.revoke("team", now: noon)
        await #expect(throws: StoreError.isRevoked("team")) {
            try await store.value.change("team", now: noon) { $0.owner = "Ann" }
        }
        await #expect(throws: StoreError.notFound("nobody")) {
            try await store.value.change("nobody", now: noon) { $0.owner = "Ann" }
        }
    }

    @Test("A path to what is no file says so at once: nobody waits for a pipe, and no folder is a database")
    func noFile() throws {
        let scratch = try Scratch()
        let folder = StoreError.other("this is a folder, and no file")
        #expect(throws: folder) { try Store(path: scratch.folder) }
        #expect(throws: folder) { try Store(path: scratch.folder, access: .readOnly) }
        let pipe = scratch.folder + "/pipe"
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        for path in [pipe, "/dev/null"] {
            for access in [Store.Access.readWrite, .readOnly] {
                #expect(throws: StoreError.other("this is a device or a pipe, and no file")) {
                    try Store(path: path, access: access)
                }
            }
        }
        #expect(throws: StoreError.gone) { try Store(path: scratch.path, access: .readOnly) }
        #expect(throws: StoreError.gone) { try Store(path: scratch.path, isMade: false) }
    }

    @Test(
        "What cannot be meant is refused by its field's name",
        arguments: [
            ("", "name"), ("a b", "name"), ("a\"b", "name"), ("a'; DROP TABLE client_key; --", "name"),
            ("a\u{7}", "name"),
            ("a\nb", "name"), (String(repeating: "a", count: 64), "name"), ("é", "name"), (".a", "name"),
        ])
    func badNames(name: String, field: String) async throws {
        let store = try Scratch().held { try $0.store() }
        await refuses(field) { try await store.value.create(name) }
        #expect(try await store.value.keys().isEmpty)
    }

    @Test("Limits of zero, below and beyond reason are refused by their names")
    func badLimits() async throws {
        let store = try Scratch().held { try $0.store() }
        for value in [0, -1, .max, .min] {
            await refuses("rpm") { try await store.value.create("a") { $0.limits.requestsPerMinute = value } }
            await refuses("tpm") { try await store.value.create("a") { $0.limits.tokensPerMinute = value } }
            await refuses("concurrent") { try await store.value.create("a") { $0.limits.concurrentRequests = value } }
            await refuses("budget_day_tokens") { try await store.value.create("a") { $0.limits.dailyTokens = value } }
            await refuses("budget_month_tokens") {
                try await store.value.create("a") { $0.limits.monthlyTokens = value }
            }
            let money = Money(nanodollars: value)
            await refuses("budget_day") { try await store.value.create("a") { $0.limits.dailyMoney = money } }
            await refuses("budget_month") { try await store.value.create("a") { $0.limits.monthlyMoney = money } }
        }
        await refuses("owner") { try await store.value.create("a") { $0.owner = "line\nbreak" } }
        await refuses("owner") { try await store.value.create("a") { $0.owner = String(repeating: "o", count: 201) } }
        await refuses("models") { try await store.value.create("a") { $0.models = [] } }
        await refuses("models") { try await store.value.create("a") { $0.models = ["a\nb"] } }
        await refuses("projects") { try await store.value.create("a") { $0.projects = [""] } }
        await refuses("expires") { try await store.value.create("a") { $0.expires = noon } }
    }

    private func refuses(_ field: String, _ body: () async throws -> KeyRecord) async {
        let error = await #expect(throws: StoreError.self) { _ = try await body() }
        guard case .invalid(field, _) = error else {
            Issue.record("\(String(describing: error)) is not about \(field)")
            return
        }
    }
}

/// A value in a scratch folder that lives as long as it.
struct Held<Value> {
    let scratch: Scratch
    let value: Value
}

extension Scratch {
    func held<Value>(_ make: (Scratch) throws -> Value) rethrows -> Held<Value> {
        Held(scratch: self, value: try make(self))
    }
}
