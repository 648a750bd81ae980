import PolluxJSON
import Testing

@testable import PolluxConformance

func json(_ text: String) -> JSONValue {
    let bytes = Array(text.utf8)
    return JSONValue(parsing: bytes.span) ?? .null
}

@Suite("What conformance cases expect")
struct ExpectationTests {
    static let observation = json(#"{"a":{"b":[1,{"c":"text"}]},"n":1.0,"z":null,"list":["x","y"]}"#)

    @Test(
        "A place is names and indices, from the end too, with names to choose from",
        arguments: [
            ("a.b[1].c", #""text""#), ("a.b[-1].c", #""text""#), ("a.x|b[0]", "1"), ("list[-2]", #""x""#),
            ("a.b[2]", nil),
            ("n.b", nil), ("list[-3]", nil),
        ] as [(String, String?)]
    )
    func places(path: String, value: String?) throws {
        let place = try #require(ValuePath(path))
        #expect(place.value(in: Self.observation) == value.map(json))
    }

    @Test("What is no place is none", arguments: ["", "a[x]", "a[0"])
    func noPlaces(path: String) { #expect(ValuePath(path) == nil) }

    @Test(
        "Each test holds for what it names",
        arguments: [
            #"{"at":"n","is":1}"#, #"{"at":"a","is":{"b":[1.0,{"c":"text"}]}}"#, #"{"at":"n","one_of":[2,1]}"#,
            #"{"at":"q","one_of":[null,2]}"#, #"{"at":"a.b[1].c","exists":true}"#, #"{"at":"z","exists":false}"#,
            #"{"at":"q","exists":false}"#, #"{"at":"a.b[1].c","contains":"ex"}"#, #"{"at":"list","contains":"y"}"#,
            #"{"at":"list","lacks":"ex"}"#, #"{"at":"q","lacks":"ex"}"#, #"{"at":"list","count":2}"#,
            #"{"at":"n","between":[1,2]}"#, #"{"at":"list[0]","is":"$known"}"#,
        ]
    )
    func holds(test: String) throws {
        let failure = try Expectation(json(test)).failure(in: Self.observation, captured: ["known": .string("x")])
        #expect(failure == nil)
    }

    @Test(
        "A failure says the place, what was expected and what was there",
        arguments: [
            (#"{"at":"n","is":2}"#, "n: expected 2, got 1.0"),
            (#"{"at":"q","exists":true}"#, "q: expected something, got nothing"),
            (#"{"at":"z","exists":true}"#, "z: expected something, got null"),
            (#"{"at":"list","lacks":"x"}"#, #"list: expected no "x" in it, got ["x","y"]"#),
            (#"{"at":"list","count":3}"#, #"list: expected 3 of them, got ["x","y"]"#),
            (#"{"at":"n","between":[2,3]}"#, "n: expected 2.0 to 3.0, got 1.0"),
        ]
    )
    func fails(test: String, message: String) throws {
        let failure = try Expectation(json(test)).failure(in: Self.observation, captured: [:])
        #expect(failure == message)
    }

    @Test("Every case of the suite can be read, has a rule, and expects something")
    func suite() throws {
        let cases = try ConformanceCase.all()
        #expect(cases.count > 80)
        #expect(cases.allSatisfy { !$0.rules.isEmpty && $0.steps.contains { !$0.expectations.isEmpty } })
        #expect(Set(cases.map { "\($0.group) \($0.name)" }).count == cases.count)
        #expect(cases.contains { $0.isLive })
    }
}
