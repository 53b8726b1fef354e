using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using GptGen.Files;
using Microsoft.Win32.SafeHandles;
using Lanes = System.Numerics.Vector<int>;

namespace GptGen.Checkpoints;

/// <summary>
/// A checkpoint's checksum: XXH3 of the whole file, header and numbers, in which the checksum's own digits count as zeros. It stands in the header's
/// metadata, which come before the numbers, so it is put in last.
/// </summary>
internal static class CheckpointChecksum
{
    /// <summary>The metadata entry.</summary>
    internal const string Key = "checksum";

    /// <summary>Its value while the file is being written.</summary>
    internal const string Placeholder = Algorithm + "0000000000000000";

    private const string Algorithm = "xxh3:";
    private const int Digits = 16;
    private const int Chunk = 1 << 18;

    private static readonly byte[] s_before = Encoding.UTF8.GetBytes($"\"{Key}\":\"{Algorithm}");
    private static readonly byte[] s_zeros = Encoding.UTF8.GetBytes(new string('0', Digits));

    /// <summary>Lets a safetensors file be written whose metadata have the placeholder, and puts the checksum in its place.</summary>
    internal static void Write(Stream target, Action<Stream> write)
    {
        using var hashing = new HashingStream(target);
        write(hashing);
        target.Position = hashing.DigitsAt;
        target.Write(Encoding.UTF8.GetBytes(Format(hashing.Hash)));
        target.Position = target.Length;
    }

    /// <summary>Reads a whole checkpoint and holds it to its checksum, if it has one. Earlier ones have none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="needsFinite">Whether each number must be one.</param>
    /// <exception cref="GptGenException">The file is damaged, or a number is none.</exception>
    internal static void Verify(string path, bool needsFinite)
    {
        using var file = SafetensorsFile.Open(path);
        // A checkpoint of ours has nothing but f32, so any part behind the header is numbers.
        var areNumbers = needsFinite && file.Tensors.All(static tensor => tensor.Element == ElementType.F32);
        var hash = new XxHash3();
        var stored = "";
        try
        {
            using var handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
            var start = file.Tensors is [var first, ..] ? first.Offset : RandomAccess.GetLength(handle);
            var header = new byte[start];
            ReadExactly(handle, header, 0);
            if (header.AsSpan().IndexOf(s_before) is >= 0 and var at && at + s_before.Length + Digits <= header.Length)
            {
                var digits = header.AsSpan(at + s_before.Length, Digits);
                stored = Encoding.UTF8.GetString(digits);
                s_zeros.CopyTo(digits);
            }

            hash.Append(header);
            var buffer = new byte[Chunk];
            for (var offset = start; offset < RandomAccess.GetLength(handle); offset += Chunk)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(Chunk, RandomAccess.GetLength(handle) - offset));
                ReadExactly(handle, part, offset);
                hash.Append(part);
                if (areNumbers && !AreFinite(MemoryMarshal.Cast<byte, float>(part)))
                    throw NoNumbers(file, offset);
            }
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            throw InputFile.Unreadable(path, error);
        }

        if (file.Metadata.ContainsKey(Key) && stored != Format(hash.GetCurrentHashAsUInt64()))
        {
            throw new GptGenException(
                $"'{path}' is damaged: it has not the bytes that it was written with (its checksum differs). Restore it, "
                + "or use an earlier checkpoint.");
        }
    }

    /// <summary>Whether every value is a number: neither infinite nor NaN, whose exponents are all ones.</summary>
    internal static bool AreFinite(ReadOnlySpan<float> values)
    {
        var bits = MemoryMarshal.Cast<float, int>(values);
        const int Exponent = 0x7F800000;
        var mask = new Lanes(Exponent);
        var found = Lanes.Zero;
        for (; bits.Length >= Lanes.Count; bits = bits[Lanes.Count..])
            found |= System.Numerics.Vector.Equals(new Lanes(bits) & mask, mask);
        if (found != Lanes.Zero)
            return false;
        foreach (var value in bits)
        {
            if ((value & Exponent) == Exponent)
                return false;
        }

        return true;
    }

    private static GptGenException NoNumbers(SafetensorsFile file, long offset)
    {
        var tensor = file.Tensors.First(tensor => tensor.Offset + tensor.ByteCount > offset);
        return new(
            $"'{file.Path}' holds what is no number in '{MessageText.Shorten(tensor.Name)}' or after it: its training has diverged. "
            + "Use an earlier checkpoint.");
    }

    private static void ReadExactly(SafeFileHandle handle, Span<byte> destination, long offset)
    {
        for (int read; !destination.IsEmpty; destination = destination[read..], offset += read)
        {
            if ((read = RandomAccess.Read(handle, destination, offset)) == 0)
                throw new EndOfStreamException("it has become shorter");
        }
    }

    private static string Format(ulong hash) => hash.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Passes on what is written, and knows its hash and where in it the placeholder's digits are.</summary>
    private sealed class HashingStream(Stream target) : Stream
    {
        private readonly XxHash3 hash = new();
        private long written;

        internal long DigitsAt { get; private set; } = -1;

        internal ulong Hash => hash.GetCurrentHashAsUInt64();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => written;

        public override long Position { get => written; set => throw new NotSupportedException(); }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            // The header comes as one piece, and in it the metadata first.
            if (DigitsAt < 0 && buffer.IndexOf(s_before) is >= 0 and var at)
                DigitsAt = written + at + s_before.Length;
            hash.Append(buffer);
            target.Write(buffer);
            written += buffer.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => target.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
