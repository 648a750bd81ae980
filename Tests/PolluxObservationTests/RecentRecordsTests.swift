import Testing

@testable import PolluxObservation

@Suite("Observation: the last requests")
struct RecentRecordsTests {
    private func record(_ number: Int, status: Int = 200) -> RequestRecord {
        var record = RequestRecord()
        record.requestID = String(number)
        record.operation = .chat
        record.status = status
        return record
    }

    @Test("The last ones are kept, the last one first")
    func order() {
        var recent = RecentRecords(maximum: 3)
        for number in 1...5 { recent.append(record(number)) }
        #expect(recent.last(10).map(\.requestID) == ["5", "4", "3"])
        #expect(recent.last(2).map(\.requestID) == ["5", "4"])
    }

    @Test("Of a crowd some are kept, what failed and what was explained always, and after the tick all again")
    func crowd() {
        let limit = RecentRecords.maximumInTick
        var recent = RecentRecords(maximum: 1000)
        for number in 1...limit + 50 { recent.append(record(number)) }
        #expect(recent.last(1000).count == limit)
        recent.append(record(1001, status: 502))
        var explained = record(1002)
        explained.notes = "[]"
        recent.append(explained)
        #expect(recent.last(2).map(\.requestID) == ["1002", "1001"])
        recent.tick()
        recent.append(record(1003))
        #expect(recent.last(1).map(\.requestID) == ["1003"])
    }

    @Test("Questions for health are not kept, and nothing where nothing is to be")
    func none() {
        var health = record(1)
        health.operation = .health
        var recent = RecentRecords(maximum: 3)
        recent.append(health)
        var off = RecentRecords(maximum: 0)
        off.append(record(1))
        #expect(recent.last(3).isEmpty && off.last(3).isEmpty)
    }
}
