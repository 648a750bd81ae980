/// The memory of a tape.
///
/// Invariant: `storage` is owned by this value alone (it cannot be copied) and holds `capacity` entries, of which
/// the first `count` are initialised. While a ``Writer`` has the memory, this value has none.
@safe
struct JSONEntries: ~Copyable {
    private var storage: UnsafeMutablePointer<JSONEntry>?
    private(set) var capacity = 0
    private(set) var count = 0

    init() { unsafe storage = nil }

    deinit { unsafe storage?.deallocate() }

    mutating func removeAll() { count = 0 }

    var span: Span<JSONEntry> {
        @_lifetime(borrow self)
        get {
            let entries = unsafe UnsafeBufferPointer(start: UnsafePointer(storage), count: count)
            return unsafe _overrideLifetime(Span(_unsafeElements: entries), borrowing: self)
        }
    }

    /// Lends the memory, empty, to a writer that appends at most `maximum` entries. Give it back with ``take(_:)``.
    mutating func lend(maximum: Int) -> Writer {
        let size = capacity > 0 ? capacity : 64
        let writer = unsafe Writer(
            storage: storage ?? .allocate(capacity: size), capacity: size, maximum: maximum)
        unsafe storage = nil
        capacity = 0
        count = 0
        return writer
    }

    mutating func take(_ writer: Writer) {
        unsafe storage?.deallocate()
        unsafe storage = writer.storage
        capacity = writer.capacity
        count = writer.count
    }

    /// The memory while it is written: plain numbers, which the compiler keeps in registers.
    ///
    /// Invariant: made by ``JSONEntries/lend(maximum:)`` only and given back once; `storage` holds `capacity` entries,
    /// of which the first `count` are initialised; `append` makes room first, `close` tests its index.
    /// Gain: an array tests its uniqueness and its capacity at every append; without, parsing takes half.
    @safe
    struct Writer {
        fileprivate var storage: UnsafeMutablePointer<JSONEntry>
        fileprivate var capacity: Int
        fileprivate let maximum: Int
        private(set) var count = 0
        /// Entries that may be written before room must be made, or `maximum` is reached.
        private var ceiling: Int

        fileprivate init(storage: UnsafeMutablePointer<JSONEntry>, capacity: Int, maximum: Int) {
            unsafe self.storage = unsafe storage
            self.capacity = capacity
            self.maximum = maximum
            ceiling = min(capacity, maximum)
        }

        /// - Returns: `false` when there are `maximum` entries already.
        @inline(__always)
        mutating func append(_ entry: JSONEntry) -> Bool {
            if count >= ceiling, !makeRoom() { return false }
            unsafe storage[count] = entry
            count &+= 1
            return true
        }

        @inline(never)
        private mutating func makeRoom() -> Bool {
            guard count < maximum else { return false }
            let larger = UnsafeMutablePointer<JSONEntry>.allocate(capacity: capacity * 2)
            unsafe larger.update(from: storage, count: count)
            unsafe storage.deallocate()
            unsafe storage = larger
            capacity *= 2
            ceiling = min(capacity, maximum)
            return true
        }

        /// Appends the entries of a value that was alone on its tape, and now begins at `offset` of the bytes.
        ///
        /// - Returns: `false` when they would be more than `maximum`.
        mutating func append(_ value: Span<JSONEntry>, at offset: Int) -> Bool {
            guard value.count <= maximum &- count else { return false }
            while capacity &- count < value.count { guard makeRoom() else { return false } }
            let shift = SIMD4<UInt32>(
                UInt32(truncatingIfNeeded: offset), 0, UInt32(truncatingIfNeeded: count), 0)
            let target = unsafe UnsafeMutableRawPointer(storage + count)
            // Four numbers of 32 bits: the first is an offset, the third an index.
            unsafe value.withUnsafeBytes { source in
                let size = MemoryLayout<JSONEntry>.stride
                var at = 0
                while at &+ 4 &* size <= source.count {
                    for place in 0..<4 { unsafe Self.move(source, to: target, at &+ place &* size, by: shift) }
                    at &+= 4 &* size
                }
                while at < source.count {
                    unsafe Self.move(source, to: target, at, by: shift)
                    at &+= size
                }
            }
            count &+= value.count
            return true
        }

        @unsafe @inline(__always)
        private static func move(
            _ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer, _ at: Int, by shift: SIMD4<UInt32>
        ) {
            guard let start = source.baseAddress else { return }
            let entry = unsafe start.loadUnaligned(fromByteOffset: at, as: SIMD4<UInt32>.self)
            unsafe target.storeBytes(of: entry &+ shift, toByteOffset: at, as: SIMD4<UInt32>.self)
        }

        /// Says where the container at `index` ends. `flaws` are those of the whole document so far: without a new
        /// one since the container was opened it is compact.
        ///
        /// - Returns: the container around it, -1 for none.
        @inline(__always)
        mutating func close(_ index: Int, at end: Int, flaws: UInt32) -> Int {
            precondition(index >= 0 && index < count)
            let around = unsafe Int(Int32(bitPattern: storage[index].next))
            if unsafe storage[index].length == flaws { unsafe storage[index].flags = JSONEntry.compact }
            unsafe storage[index].length = UInt32(truncatingIfNeeded: end) &- storage[index].offset
            unsafe storage[index].next = UInt32(truncatingIfNeeded: count)
            return around
        }

        @inline(__always)
        func isObject(_ index: Int) -> Bool {
            guard index >= 0 else { return false }
            precondition(index < count)
            return unsafe storage[index].kind == .object
        }
    }
}
