import PolluxGateway
import Testing

@Suite("Budgets")
struct BudgetTests {
    private func taken(_ budget: RetryBudget, at now: Int, most: Int = 1_000) -> Int {
        var count = 0
        while count < most, budget.withdraw(at: now) { count += 1 }
        return count
    }

    @Test("A quiet gateway may always try again: a hundred times at once, and ten times a second")
    func quiet() {
        let budget = RetryBudget()
        #expect(taken(budget, at: 5_000) == RetryBudget.burst)
        #expect(taken(budget, at: 5_099) == 0)
        #expect(taken(budget, at: 6_000) == RetryBudget.perSecond)
        #expect(taken(budget, at: 1_000_000) == RetryBudget.burst)
    }

    @Test("A busy one makes as many tries as its percentage allows", arguments: [1, 20, 100])
    func busy(percent: Int) {
        let budget = RetryBudget()
        _ = taken(budget, at: 0)
        for _ in 0..<300 { budget.deposit(percent: percent) }
        #expect(taken(budget, at: 0) == min(300 * percent / 100, RetryBudget.burst))
    }

    @Test("No more is saved up than a burst")
    func bounded() {
        let budget = RetryBudget()
        for _ in 0..<100_000 { budget.deposit(percent: 100) }
        #expect(taken(budget, at: 0) == RetryBudget.burst)
    }

    @Test("Hedges cost at most what an hour allows, and each hour anew")
    func hours() {
        let budget = HedgeBudget()
        #expect(budget.withdraw(600, limit: 1_000, at: 0))
        #expect(!budget.withdraw(401, limit: 1_000, at: 1))
        #expect(budget.withdraw(400, limit: 1_000, at: 3_599_999))
        #expect(!budget.withdraw(1, limit: 1_000, at: 3_599_999))
        #expect(budget.withdraw(1_000, limit: 1_000, at: 3_600_000))
        #expect(!budget.withdraw(1_001, limit: 1_000, at: 7_200_000))
    }

    @Test("A hedge is charged with all that the losing request may have cost")
    func estimate() {
        #expect(HedgeBudget.estimate(requestBytes: 4_000, maximumOutputTokens: 100) == 1_100)
        #expect(HedgeBudget.estimate(requestBytes: 0, maximumOutputTokens: nil) == 8_192)
    }
}

@Suite("How long a client waits")
struct ClientPatienceTests {
    private func patience(_ headers: [(name: String, value: String)]) throws -> Duration? {
        try ClientPatience.duration(ClientRequest(method: "POST", target: "/", headers: headers))
    }

    @Test("The answer is on its way a tenth before the end, at least 150 ms and at most a second")
    func margins() throws {
        #expect(try patience([("x-request-timeout", "600")]) == .seconds(599))
        #expect(try patience([("x-request-timeout", "5")]) == .milliseconds(4500))
        #expect(try patience([("x-request-timeout", "1.0")]) == .milliseconds(850))
        #expect(try patience([("x-request-timeout", "0.2")]) == .milliseconds(100))
        #expect(try patience([]) == nil)
    }

    @Test("A person's header wins over what SDKs send by themselves")
    func precedence() throws {
        let sdks: [(name: String, value: String)] = [("x-stainless-timeout", "20"), ("x-stainless-read-timeout", "30")]
        #expect(try patience(sdks) == .seconds(19))
        #expect(try patience([sdks[1]]) == .seconds(29))
        #expect(try patience(sdks + [("x-request-timeout", "10")]) == .seconds(9))
    }

    @Test(
        "What an SDK sends instead of a number is ignored",
        arguments: ["", "NOT_GIVEN", "None", "nan", "-1", "0", "inf"])
    func words(_ text: String) throws {
        #expect(try patience([("x-stainless-read-timeout", text)]) == nil)
        #expect(try patience([("x-stainless-timeout", text), ("x-stainless-read-timeout", "11")]) == .seconds(10))
    }

    @Test(
        "Anything but a positive number is refused where a person wrote it", arguments: ["", "15s", "nan", "-1", "0"])
    func refused(_ text: String) throws {
        let error = try #require(throws: (any Error).self) { try patience([("x-request-timeout", text)]) }
        #expect("\(error)".contains("x-request-timeout"))
    }
}
