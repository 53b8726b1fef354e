using System.Runtime.InteropServices;
using Onnx;

namespace GptGen.MiniLm;

/// <summary>A weight under the name and in the layout that Hugging Face's files have.</summary>
/// <param name="Name">As in <c>encoder.layer.0.attention.self.query.weight</c>.</param>
/// <param name="Shape">Its dimensions, the slowest first.</param>
/// <param name="Values">Its elements.</param>
internal sealed record OnnxWeight(string Name, long[] Shape, float[] Values);

/// <summary>
/// Reads the weights of a BERT that PyTorch exported as ONNX. Biases and tables keep their names; a matrix that a product reads, x W, was folded into
/// a constant [in, out] with a number for a name: what is added to the product says which one it is.
/// </summary>
internal static class OnnxWeights
{
    private const string Bias = ".bias";

    /// <summary>All weights in the file's order; matrices are [out, in].</summary>
    /// <exception cref="InvalidDataException">A constant of the graph belongs to no known weight.</exception>
    public static List<OnnxWeight> Read(byte[] model)
    {
        var graph = ModelProto.Parser.ParseFrom(model).Graph;
        var matrices = NameMatrices(graph);
        List<OnnxWeight> weights = [];
        foreach (var tensor in graph.Initializer)
        {
            if ((TensorProto.Types.DataType)tensor.DataType != TensorProto.Types.DataType.Float)
                continue;
            var values = MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();
            if (matrices.TryGetValue(tensor.Name, out var name))
                weights.Add(new(name, [tensor.Dims[1], tensor.Dims[0]], Transpose(values, (int)tensor.Dims[0], (int)tensor.Dims[1])));
            else if (tensor.Name.Contains('.'))
                weights.Add(new(tensor.Name, [.. tensor.Dims], values));
            else
                throw new InvalidDataException($"The constant '{tensor.Name}' belongs to no known weight.");
        }

        return weights;
    }

    /// <summary>The constants that products read, and their weights' names.</summary>
    private static Dictionary<string, string> NameMatrices(GraphProto graph)
    {
        var constants = graph.Initializer.Select(static tensor => tensor.Name).ToHashSet();
        var products = graph.Node.Where(node => node.OpType == "MatMul" && constants.Contains(node.Input[1]))
            .ToDictionary(static node => node.Output[0], static node => node.Input[1]);
        Dictionary<string, string> names = [];
        foreach (var sum in graph.Node.Where(static node => node.OpType == "Add"))
        {
            var bias = sum.Input.FirstOrDefault(input => input.EndsWith(Bias, StringComparison.Ordinal) && constants.Contains(input));
            var product = sum.Input.FirstOrDefault(products.ContainsKey);
            if (bias is not null && product is not null)
                names.Add(products[product], bias[..^Bias.Length] + ".weight");
        }

        return names;
    }

    private static float[] Transpose(float[] values, int rows, int columns)
    {
        var transposed = new float[values.Length];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                transposed[column * rows + row] = values[row * columns + column];
        }

        return transposed;
    }
}
