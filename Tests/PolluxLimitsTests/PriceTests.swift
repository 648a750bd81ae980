import PolluxLimits
import PolluxObservation
import Testing

@Suite("Prices")
struct PriceTests {
    private static func counts(
        _ prompt: Int, cached: Int = 0, promptAudio: Int = 0, _ completion: Int, completionAudio: Int = 0
    ) -> RequestRecord.TokenCounts {
        var counts = RequestRecord.TokenCounts()
        counts.prompt = prompt
        counts.cached = cached
        counts.promptAudio = promptAudio
        counts.completion = completion
        counts.completionAudio = completionAudio
        return counts
    }

    private static func table(_ text: String) throws -> PriceTable {
        var table = PriceTable.defaults
        try table.add(parsing: Array(text.utf8))
        return table
    }

    @Test(
        "The shipped table knows the models whose prices are published",
        arguments: [
            ("gemini-2.5-flash", counts(1_000_000, 1_000_000), "2.80"),
            ("gemini-2.5-flash", counts(1_000_000, cached: 600_000, promptAudio: 100_000, 0), "0.208"),
            ("gemini-2.5-flash-lite", counts(1_000_000, 1_000_000), "0.50"),
            ("gemini-2.5-pro", counts(200_000, 100_000), "1.25"),
            ("gemini-2.5-pro", counts(200_001, 100_000), "2.0000025"),
            ("gemini-3.1-pro-preview", counts(1000, 1000), "0.014"),
        ])
    func shipped(model: String, counts: RequestRecord.TokenCounts, cost: String) throws {
        let price = try #require(PriceTable.defaults.price(of: model))
        #expect(price.cost(counts).description == cost)
    }

    @Test(
        "A model without a published price has none, and costs nothing",
        arguments: ["gemini-2.5-flash-image", "gemini-2.5-pro-preview-tts", "gemini-9-ultra", "llama", ""])
    func unknown(model: String) { #expect(PriceTable.defaults.price(of: model) == nil) }

    @Test("The operator's rows win over the shipped ones, the first that matches over the others")
    func overridden() throws {
        let table = try Self.table(
            #"[{"match":"gemini-2.5-flash","input":1,"output":2},{"match":"my-*-7b","input":0.5,"output":0},"#
                + #"{"match":"my-*","input":9,"output":9},{"match":"gemini-2.5-pro"}]"#)
        #expect(table.price(of: "gemini-2.5-flash")?.cost(Self.counts(1_000_000, 1_000_000)).description == "3.00")
        #expect(table.price(of: "my-llama-7b")?.cost(Self.counts(2_000_000, 5)).description == "1.00")
        #expect(table.price(of: "my-mistral")?.price.input == 9_000_000)
        #expect(table.price(of: "gemini-2.5-pro") == nil)
        #expect(table.price(of: "gemini-3.5-flash") != nil)
    }

    @Test(
        "A table that cannot be meant is refused, with the row and the reason",
        arguments: [
            ("{", "is not JSON"), ("{}", "is not an array of rows"), ("[1]", "row 1: is not an object"),
            (#"[{"input":1,"output":1}]"#, "row 1: has no 'match'"),
            (#"[{"match":"a"},{"match":"","input":1}]"#, "row 2: 'match' is not the pattern of a model's name"),
            (#"[{"match":"a","input":1}]"#, "row 1: needs both 'input' and 'output'"),
            (
                #"[{"match":"a","input":-1,"output":1}]"#,
                "row 1: 'input' is not a price in dollars for a million tokens"
            ),
            (
                #"[{"match":"a","input":"1","output":1}]"#,
                "row 1: 'input' is not a price in dollars for a million tokens"
            ),
            (
                #"[{"match":"a","input":1e300,"output":1}]"#,
                "row 1: 'input' is not a price in dollars for a million tokens"
            ),
            (#"[{"match":"a","input":1,"output":1,"price":2}]"#, "row 1: has an unknown member 'price'"),
            (
                #"[{"match":"a","input":1,"output":1,"long":{"input":1,"output":1}}]"#,
                "row 1: 'long' needs 'above', a number of tokens, and prices"
            ),
        ])
    func refused(text: String, reason: String) {
        let error = #expect(throws: PriceError.self) { try Self.table(text) }
        #expect(error?.description == reason)
    }

    @Test("Counts that contradict each other, and huge ones, cost something that can be counted")
    func contradictory() throws {
        let price = try #require(PriceTable.defaults.price(of: "gemini-2.5-flash"))
        #expect(price.cost(Self.counts(10, cached: 100, promptAudio: 100, 0)) >= .zero)
        #expect(price.cost(Self.counts(.max, .max)) > .zero)
    }

    @Test(
        "Money is read and written exactly",
        arguments: [("0.10", "0.10"), ("12", "12.00"), ("0.000000001", "0.000000001"), ("999999999.5", "999999999.50")])
    func money(text: String, written: String) { #expect(Money(dollars: text)?.description == written) }

    @Test(
        "What is no amount of dollars is refused",
        arguments: ["", "-1", "+1", "1e3", "1.", ".5", "$5", "1,5", "0.0000000001", "1000000000", "١"])
    func noMoney(text: String) { #expect(Money(dollars: text) == nil) }

    @Test("Amounts that do not fit together are as much as fits")
    func sums() {
        #expect(Money(nanodollars: 1) + Money(nanodollars: 2) == Money(nanodollars: 3))
        #expect(Money(nanodollars: .max) + Money(nanodollars: 1) == Money(nanodollars: .max))
        #expect(Money(nanodollars: .min) + Money(nanodollars: -1) == Money(nanodollars: .min))
    }
}
