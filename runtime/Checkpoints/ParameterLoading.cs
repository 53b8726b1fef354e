using System.Buffers;
using System.Runtime.InteropServices;
using GptGen.Checkpoints.Gguf;

namespace GptGen.Checkpoints;

/// <summary>
/// Fills parameters, or moments laid out as they are, from tensors of files: piece by piece on the device's threads, and from the file straight to
/// where the numbers stay, as far as the device keeps them in the host's memory. No second copy of a tensor is made there, and no thread waits for
/// the longest one.
/// </summary>
internal sealed class ParameterLoading(Arena arena)
{
    /// <summary>Columns of a parameter that are set together: rows of the file's matrix, and whole blocks of every type.</summary>
    internal const int ColumnsAtOnce = QuantizedBlocks.Elements;

    // Whole blocks too.
    private const int ElementsAtOnce = 1 << 20;
    private const int BufferElements = 1 << 16;

    private readonly List<Action> pieces = [];

    /// <summary>Adds a parameter and a tensor of fitting shape; rows behind the parameter's are left out.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="file">The file that has the tensor.</param>
    /// <param name="tensor">Its numbers.</param>
    /// <param name="turned">Whether the file's matrices lie as in memory, [out, in], and not as in Hugging Face's files.</param>
    internal void Add(ParameterInfo parameter, ITensorFile file, SafetensorsTensor tensor, bool turned = false)
    {
        if (turned || !ParameterTensors.IsTransposed(parameter))
        {
            for (nint first = 0; first < parameter.Count; first += ElementsAtOnce)
            {
                var (start, count) = (first, (int)Math.Min(ElementsAtOnce, parameter.Count - first));
                pieces.Add(() => LoadStraight(parameter.Offset + start, file, tensor, start, count));
            }
        }
        else if (!arena.TakesColumns)
        {
            pieces.Add(() => LoadWhole(parameter, file, tensor));
        }
        else
        {
            AddColumns(parameter, file, tensor);
        }
    }

    /// <summary>Fills what was added. If it throws, some of it is filled.</summary>
    /// <exception cref="GptGenException">A file became shorter or cannot be read, or has numbers that the arena does not take.</exception>
    /// <exception cref="ObjectDisposedException">The arena or its device is disposed of.</exception>
    internal void Run()
    {
        using var call = arena.Device.Begin(nameof(ParameterLoading));
        arena.Device.ForEach(pieces.Count, index =>
        {
            arena.ThrowIfDisposed();
            pieces[index]();
        });
    }

    private void AddColumns(ParameterInfo parameter, ITensorFile file, SafetensorsTensor tensor)
    {
        var blocks = ParameterTensors.Blocks(parameter);
        var (rows, columns) = (parameter.Rows / blocks, parameter.Columns);
        for (var block = 0; block < blocks; block++)
        {
            var elements = (nint)block * rows * columns;
            for (var column = 0; column < columns; column += ColumnsAtOnce)
            {
                var (first, count) = (column, Math.Min(ColumnsAtOnce, columns - column));
                pieces.Add(() => WithBuffer(count * rows, values =>
                {
                    file.Read(tensor, elements + ((long)first * rows), values);
                    arena.WriteColumns(parameter.Offset + elements, rows, columns, first, values);
                }));
            }
        }
    }

    private void LoadStraight(nint offset, ITensorFile file, SafetensorsTensor tensor, nint first, int count)
    {
        if (arena.Stored(offset, count, ElementType.F32) is { IsEmpty: false } floats)
        {
            file.Read(tensor, first, MemoryMarshal.Cast<byte, float>(floats));
            return;
        }

        if (tensor.Element is { } type && arena.Stored(offset, count, type) is { IsEmpty: false } bytes && file.TryCopy(tensor, first, bytes))
        {
            if (!ElementBlocks.AreFinite(type, bytes))
            {
                throw new GptGenException(
                    $"'{file.Path}' has numbers in '{tensor.Name}' that are not finite: it is damaged, or its training diverged.");
            }

            return;
        }

        WithBuffer(Math.Min(BufferElements, count), buffer =>
        {
            for (var done = 0; done < count; done += buffer.Length)
            {
                var part = buffer[..Math.Min(buffer.Length, count - done)];
                file.Read(tensor, first + done, part);
                arena.Write(offset + done, part);
            }
        });
    }

    private void LoadWhole(ParameterInfo parameter, ITensorFile file, SafetensorsTensor tensor)
    {
        var stored = new float[checked((int)parameter.Count)];
        file.Read(tensor, 0, stored);
        ParameterTensors.Write(arena, parameter, stored);
    }

    private static void WithBuffer(int count, Action<Span<float>> use)
    {
        var buffer = ArrayPool<float>.Shared.Rent(count);
        try
        {
            use(buffer.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffer);
        }
    }
}
