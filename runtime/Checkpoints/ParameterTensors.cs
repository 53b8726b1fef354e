namespace GptGen.Checkpoints;

/// <summary>Moves parameters, or moments laid out as they are, between a device's arena and the layout of Hugging Face's files.</summary>
internal static class ParameterTensors
{
    /// <summary>The parameters in <paramref name="arena"/> as tensors of files to be written, in the model's order.</summary>
    internal static IEnumerable<TensorSource> Sources(ModelDescription model, Arena arena, Func<string, string> fileName) =>
        Sources(model.Tensors, arena, fileName);

    /// <summary>The same of gradients or moments, which only trained parameters have.</summary>
    internal static IEnumerable<TensorSource> TrainedSources(ModelDescription model, Arena arena, Func<string, string> fileName) =>
        Sources(model.Tensors.Where(static parameter => !parameter.IsFrozen), arena, fileName);

    /// <summary>The same of some parameters.</summary>
    internal static IEnumerable<TensorSource> Sources(IEnumerable<ParameterInfo> parameters, Arena arena, Func<string, string> fileName)
    {
        foreach (var parameter in parameters)
        {
            var shape = WeightMap.StoredShape(parameter);
            yield return new(fileName(parameter.Name), shape, IsTransposed(parameter) ? Transposed(arena, parameter) : Straight(arena, parameter));
        }
    }

    /// <summary>A parameter as files store it.</summary>
    internal static float[] Read(Arena arena, ParameterInfo parameter)
    {
        var values = new float[checked((int)parameter.Count)];
        arena.Read(parameter.Offset, values);
        if (!IsTransposed(parameter))
            return values;
        var stored = new float[values.Length];
        var blocks = Blocks(parameter);
        var count = stored.Length / blocks;
        for (var start = 0; start < stored.Length; start += count)
            Transpose(values.AsSpan(start, count), parameter.Rows / blocks, parameter.Columns, stored.AsSpan(start, count));
        return stored;
    }

    /// <summary>Sets a parameter from values as files store it.</summary>
    /// <exception cref="GptGenException">Their number is another.</exception>
    internal static void Write(Arena arena, ParameterInfo parameter, ReadOnlySpan<float> stored)
    {
        if (stored.Length != parameter.Count)
        {
            throw new GptGenException(
                $"'{parameter.Name}' has {parameter.Count} elements {SafetensorsTensor.FormatShape(WeightMap.StoredShape(parameter))}, "
                + $"not {stored.Length}: give all of them.");
        }

        if (!IsTransposed(parameter))
        {
            arena.Write(parameter.Offset, stored);
            return;
        }

        var values = new float[stored.Length];
        var blocks = Blocks(parameter);
        var count = stored.Length / blocks;
        for (var start = 0; start < stored.Length; start += count)
            Transpose(stored.Slice(start, count), parameter.Columns, parameter.Rows / blocks, values.AsSpan(start, count));
        arena.Write(parameter.Offset, values);
    }

    /// <summary>Whether files keep its matrices [in, out].</summary>
    internal static bool IsTransposed(ParameterInfo parameter) =>
        parameter.IsMatrix && parameter.Layout is StoredLayout.Conv1D or StoredLayout.StackedConv1D or StoredLayout.Convolution;

    /// <summary>Matrices of which each is transposed by itself.</summary>
    internal static int Blocks(ParameterInfo parameter) => parameter.Layout == StoredLayout.StackedConv1D ? 2 : 1;

    private static TensorReader Straight(Arena arena, ParameterInfo parameter) =>
        (first, values) => arena.Read(parameter.Offset + (nint)first, values);

    /// <summary>Turns the whole matrix when its first part is asked for, and lets it go with the last.</summary>
    private static TensorReader Transposed(Arena arena, ParameterInfo parameter)
    {
        float[]? stored = null;
        return (first, values) =>
        {
            stored ??= Read(arena, parameter);
            stored.AsSpan((int)first, values.Length).CopyTo(values);
            if (first + values.Length == stored.Length)
                stored = null;
        };
    }

    /// <summary>[rows, columns] to [columns, rows], in square tiles that fit the cache.</summary>
    private static void Transpose(ReadOnlySpan<float> source, int rows, int columns, Span<float> destination)
    {
        const int Tile = 16;
        for (var rowTile = 0; rowTile < rows; rowTile += Tile)
        {
            for (var columnTile = 0; columnTile < columns; columnTile += Tile)
            {
                var rowEnd = Math.Min(rowTile + Tile, rows);
                var columnEnd = Math.Min(columnTile + Tile, columns);
                for (var row = rowTile; row < rowEnd; row++)
                {
                    for (var column = columnTile; column < columnEnd; column++)
                        destination[(column * rows) + row] = source[(row * columns) + column];
                }
            }
        }
    }
}
