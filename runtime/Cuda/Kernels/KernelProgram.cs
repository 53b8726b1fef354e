namespace GptGen.Cuda.Kernels;

/// <summary>CUDA C++ from one file.</summary>
/// <param name="FileName">Its name in the compiler's messages, as <c>layernorm.cu</c>.</param>
/// <param name="Text">The source.</param>
internal sealed record KernelSource(string FileName, string Text)
{
    /// <summary>A source that is built into this assembly, by its file name.</summary>
    public static KernelSource Load(string fileName)
    {
        using var stream = typeof(KernelSource).Assembly.GetManifestResourceStream(fileName)
            ?? throw new ArgumentException($"No kernel source '{fileName}' is built in.", nameof(fileName));
        using var reader = new StreamReader(stream);
        return new(fileName, reader.ReadToEnd());
    }
}

/// <summary>A constant of the preprocessor, as a model's width.</summary>
internal readonly record struct KernelDefine(string Name, string Value)
{
    public KernelDefine(string name, int value) : this(name, value.ToString(System.Globalization.CultureInfo.InvariantCulture))
    {
    }
}

/// <summary>What is compiled at once: all of a model's kernels with its dimensions as constants.</summary>
internal sealed record KernelProgram
{
    /// <summary>Its name in messages, as <c>gpt2-nano's kernels</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Compiled one after the other as one text, so that a later source sees the functions of an earlier one.</summary>
    public required IReadOnlyList<KernelSource> Sources { get; init; }

    /// <summary>Constants, the same for all sources.</summary>
    public IReadOnlyList<KernelDefine> Defines { get; init; } = [];

    /// <summary>
    /// The kernels that will be launched: the names of <c>extern "C"</c> functions, or instances of templates as <c>LayerNorm&lt;768&gt;</c>.
    /// </summary>
    public required IReadOnlyList<string> Kernels { get; init; }

    /// <summary>The text that the compiler sees. A message about it names the file and the line of the source.</summary>
    public string Text() => string.Concat(Sources.Select(static source => $"#line 1 \"{source.FileName}\"\n{source.Text}\n"));
}

/// <summary>What the compiler made of a program.</summary>
/// <param name="Image">Machine code (cubin), or PTX for a GPU that is newer than the compiler.</param>
/// <param name="Symbols">For each kernel of the program, its name in the image.</param>
internal sealed record CompiledKernels(byte[] Image, IReadOnlyDictionary<string, string> Symbols);
