using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace GptGen.Files;

/// <summary>
/// Reads the plain data of a Python pickle of any protocol: dictionaries, lists, tuples and sets, texts, bytes, numbers, truth values and None. A
/// pickle is a program for a machine with a stack; of its instructions only those are known that make plain data, so nothing is ever called, imported
/// or built. Every other one is refused by name.
/// </summary>
internal ref partial struct PickleReader
{
    private static readonly Dictionary<byte, string> s_refused = new()
    {
        [(byte)'c'] = "GLOBAL",
        [0x93] = "STACK_GLOBAL",
        [(byte)'R'] = "REDUCE",
        [(byte)'b'] = "BUILD",
        [(byte)'i'] = "INST",
        [(byte)'o'] = "OBJ",
        [0x81] = "NEWOBJ",
        [0x92] = "NEWOBJ_EX",
        [(byte)'P'] = "PERSID",
        [(byte)'Q'] = "BINPERSID",
        [0x82] = "EXT1",
        [0x83] = "EXT2",
        [0x84] = "EXT4",
    };

    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);
    private static readonly object s_mark = new();

    /// <summary>The most dictionaries and lists: an empty one takes one byte of a pickle and a hundred of memory.</summary>
    private const int MostContainers = 4096;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly string _path;
    private readonly Stack<object?> _stack = new();
    private readonly Dictionary<long, object?> _memo = [];
    private int _at;
    private int _containers;

    private PickleReader(ReadOnlySpan<byte> bytes, string path)
    {
        _bytes = bytes;
        _path = path;
    }

    /// <summary>
    /// What a pickle holds: <see cref="Dictionary{TKey, TValue}"/> with texts or whole numbers as keys, <see cref="List{T}"/> (also for tuples and
    /// sets), string, byte[], long, <see cref="BigInteger"/>, double, bool or null.
    /// Takes time and memory in proportion to its length.
    /// </summary>
    /// <param name="bytes">The pickle.</param>
    /// <param name="path">Its file, for messages.</param>
    /// <exception cref="GptGenException">It is damaged, or holds something else than plain data.</exception>
    internal static object? Read(ReadOnlySpan<byte> bytes, string path) => new PickleReader(bytes, path).Run();

    private object? Run()
    {
        while (true)
        {
            var place = _at;
            switch (Take(1)[0])
            {
                case 0x80: // PROTO
                    Take(1);
                    break;
                case 0x95: // FRAME
                    Take(8);
                    break;
                case (byte)'.': // STOP
                    return Pop();
                case (byte)'}': // EMPTY_DICT
                    PushContainer(new Dictionary<object, object?>());
                    break;
                case (byte)']': // EMPTY_LIST
                    PushContainer(new List<object?>());
                    break;
                case (byte)'(': // MARK
                    _stack.Push(s_mark);
                    break;
                case (byte)'0': // POP
                    _stack.TryPop(out _);
                    break;
                case (byte)'1': // POP_MARK
                    PopToMark();
                    break;
                case (byte)'d': // DICT
                    PushContainer(new Dictionary<object, object?>(), PopToMark());
                    break;
                case (byte)'l' or (byte)'t' or 0x91: // LIST, TUPLE, FROZENSET
                    PushContainer(new List<object?>(), PopToMark());
                    break;
                case (byte)')' or 0x8F: // EMPTY_TUPLE, EMPTY_SET
                    PushContainer(new List<object?>());
                    break;
                case 0x85: // TUPLE1
                    PushContainer(new List<object?>(), [Pop()]);
                    break;
                case 0x86: // TUPLE2
                    var second = Pop();
                    PushContainer(new List<object?>(), [Pop(), second]);
                    break;
                case 0x87: // TUPLE3
                    var (last, middle) = (Pop(), Pop());
                    PushContainer(new List<object?>(), [Pop(), middle, last]);
                    break;
                case (byte)'G': // BINFLOAT
                    _stack.Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
                    break;
                case 0x8A: // LONG1
                    PushWhole(Take(Take(1)[0]));
                    break;
                case (byte)'C': // SHORT_BINBYTES
                    _stack.Push(Take(Take(1)[0]).ToArray());
                    break;
                case (byte)'B': // BINBYTES
                    _stack.Push(Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))).ToArray());
                    break;
                case (byte)'I': // INT, and in protocol 0 the truth values
                    var whole = Line();
                    if (whole is "00" or "01")
                        _stack.Push(whole == "01");
                    else
                        PushWhole(whole);
                    break;
                case (byte)'L': // LONG
                    PushWhole(Line().TrimEnd('L'));
                    break;
                case (byte)'F': // FLOAT
                    _stack.Push(
                        double.TryParse(Line(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                            ? number
                            : throw Damaged("has a number that is none"));
                    break;
                case (byte)'V': // UNICODE
                    _stack.Push(Unescaped(Line()));
                    break;
                case (byte)'p': // PUT
                    _memo[Key()] = Peek();
                    break;
                case (byte)'g': // GET
                    Recall(Key());
                    break;
                case (byte)'N': // NONE
                    _stack.Push(null);
                    break;
                case 0x88: // NEWTRUE
                    _stack.Push(true);
                    break;
                case 0x89: // NEWFALSE
                    _stack.Push(false);
                    break;
                case (byte)'K': // BININT1
                    _stack.Push((long)Take(1)[0]);
                    break;
                case (byte)'M': // BININT2
                    _stack.Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                    break;
                case (byte)'J': // BININT
                    _stack.Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                    break;
                case 0x8C: // SHORT_BINUNICODE
                    PushText(Take(1)[0]);
                    break;
                case (byte)'X': // BINUNICODE
                    PushText(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
                    break;
                case 0x94: // MEMOIZE
                    _memo[_memo.Count] = Peek();
                    break;
                case (byte)'q': // BINPUT
                    _memo[Take(1)[0]] = Peek();
                    break;
                case (byte)'r': // LONG_BINPUT
                    _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek();
                    break;
                case (byte)'h': // BINGET
                    Recall(Take(1)[0]);
                    break;
                case (byte)'j': // LONG_BINGET
                    Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
                    break;
                case (byte)'s': // SETITEM
                    var value = Pop();
                    SetItems([Pop(), value]);
                    break;
                case (byte)'u': // SETITEMS
                    SetItems(PopToMark());
                    break;
                case (byte)'a': // APPEND
                    Append([Pop()]);
                    break;
                case (byte)'e' or 0x90: // APPENDS, ADDITEMS
                    Append(PopToMark());
                    break;
                case var other:
                    throw Damaged(s_refused.TryGetValue(other, out var name)
                        ? $"would call code (its instruction {name} at byte {place}), and only plain data is read"
                        : $"has an unknown instruction 0x{other:X2} at byte {place}");
            }
        }
    }

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count > _bytes.Length - _at)
            throw Damaged("ends too early");
        var taken = _bytes.Slice(_at, (int)count);
        _at += (int)count;
        return taken;
    }

    private void PushContainer(object container)
    {
        if (++_containers > MostContainers)
            throw Damaged($"has more than {MostContainers} dictionaries and lists");
        _stack.Push(container);
    }

    private void PushContainer(object container, List<object?> items)
    {
        PushContainer(container);
        if (container is List<object?>)
            Append(items);
        else
            SetItems(items);
    }

    /// <summary>A whole number as its bytes, the least first, with a sign.</summary>
    private readonly void PushWhole(ReadOnlySpan<byte> bytes) => PushWhole(new BigInteger(bytes));

    private readonly void PushWhole(BigInteger number) =>
        _stack.Push(number >= long.MinValue && number <= long.MaxValue ? (object)(long)number : number);

    private void PushText(long length)
    {
        var bytes = Take(length);
        try
        {
            _stack.Push(s_strict.GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            throw Damaged("holds a text that is not UTF-8");
        }
    }

    private readonly object? Pop() => _stack.TryPop(out var value) && value != s_mark ? value : throw Damaged("takes something that it never made");

    private readonly object? Peek() => _stack.TryPeek(out var value) && value != s_mark ? value : throw Damaged("keeps something that it never made");

    private readonly List<object?> PopToMark()
    {
        var values = new List<object?>();
        while (_stack.TryPop(out var value))
        {
            if (value == s_mark)
            {
                values.Reverse();
                return values;
            }

            values.Add(value);
        }

        throw Damaged("ends a list that it never began");
    }

    private readonly void Recall(long key) =>
        _stack.Push(_memo.TryGetValue(key, out var value) ? value : throw Damaged("recalls something that it never kept"));

    private readonly void SetItems(List<object?> items)
    {
        if (Peek() is not Dictionary<object, object?> entries || items.Count % 2 != 0)
            throw Damaged("puts entries into something else than a dictionary");
        for (var index = 0; index < items.Count; index += 2)
            entries[
                items[index] is string or long
                    ? items[index]!
                    : throw Damaged("has a key that is neither a text nor a whole number")] = items[index + 1];
    }

    private readonly void Append(List<object?> items)
    {
        if (Peek() is not List<object?> list)
            throw Damaged("appends to something else than a list");
        list.AddRange(items);
    }

    private readonly GptGenException Damaged(string what) => new($"'{_path}' {what}: it is no pickle of plain data, or damaged; make it again.");
}
