namespace GptGen.Cuda.Kernels;

/// <summary>A kernel that is compiled for each set of dimensions that a model uses.</summary>
/// <param name="source">The file with it, as <c>layernorm.cu</c>.</param>
/// <param name="function">The function template's name; its parameters are integers.</param>
/// <param name="headers">What must come before the file, beside the sources that all share.</param>
internal sealed class KernelTemplate(string source, string function, params string[] headers)
{
    /// <summary>The most parameters of a template.</summary>
    public const int MaxParameters = 6;

    /// <summary>The file with it.</summary>
    public string Source => source;

    /// <summary>What must come before the file, in this order.</summary>
    public IReadOnlyList<string> Headers => headers;

    /// <summary>The function template's name.</summary>
    public string Function => function;

    /// <summary>The kernel with these values of the template's parameters, in order. Allocates nothing.</summary>
    public KernelKey With(params ReadOnlySpan<int> values) => new(this, values);

    /// <inheritdoc/>
    public override string ToString() => function;
}

/// <summary>A kernel template and the values of its parameters: what is compiled, and how a launch finds it.</summary>
internal readonly record struct KernelKey
{
    private readonly int count, value0, value1, value2, value3, value4, value5;

    /// <summary>A template with its values.</summary>
    public KernelKey(KernelTemplate template, ReadOnlySpan<int> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, KernelTemplate.MaxParameters, nameof(values));
        Template = template;
        count = values.Length;
        value0 = At(values, 0);
        value1 = At(values, 1);
        value2 = At(values, 2);
        value3 = At(values, 3);
        value4 = At(values, 4);
        value5 = At(values, 5);
    }

    /// <summary>The template.</summary>
    public KernelTemplate Template { get; }

    /// <summary>How C++ writes it: <c>layerNorm&lt;768, 4&gt;</c>.</summary>
    public string Expression =>
        count == 0
            ? Template.Function
            : $"{Template.Function}<{string.Join(", ", ((int[])[value0, value1, value2, value3, value4, value5]).Take(count))}>";

    private static int At(ReadOnlySpan<int> values, int index) => index < values.Length ? values[index] : 0;
}
