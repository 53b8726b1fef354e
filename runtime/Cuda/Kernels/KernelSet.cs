using GptGen.Cuda.Driver;

namespace GptGen.Cuda.Kernels;

/// <summary>
/// A device's kernels. A model's are compiled together before its first launch; one that nobody announced is compiled by itself when it is first
/// asked for. Finding a kernel allocates nothing. One thread at a time may use a set.
/// </summary>
/// <param name="context">The GPU.</param>
/// <param name="cache">Where compiled programs are kept.</param>
/// <param name="defines">Constants of all programs.</param>
/// <param name="load">Finds a source by its file name; without it the sources are those built into this assembly.</param>
internal sealed class KernelSet(
    GpuContext context, KernelCache cache, IReadOnlyList<KernelDefine> defines, Func<string, KernelSource>? load = null) : IDisposable
{
    /// <summary>What every kernel source may use, in this order.</summary>
    private static readonly string[] SharedSources = ["prelude.cuh", "roles.cuh", "packs.cuh", "random.cuh"];

    private readonly Dictionary<KernelKey, GpuKernel> kernels = [];
    private readonly List<GpuModule> modules = [];

    /// <summary>The kernel of a key.</summary>
    /// <exception cref="GptGenException">It does not compile.</exception>
    public GpuKernel this[KernelKey key]
    {
        get
        {
            if (!kernels.TryGetValue(key, out var kernel))
            {
                Prepare($"the kernel {key.Expression}", [key]);
                kernel = kernels[key];
            }

            return kernel;
        }
    }

    /// <summary>Compiles in one program those kernels that are not there yet.</summary>
    /// <param name="name">What they belong to, for messages, as "the kernels of Gpt2Small".</param>
    /// <param name="keys">The kernels.</param>
    /// <exception cref="GptGenException">The program does not compile.</exception>
    public void Prepare(string name, IEnumerable<KernelKey> keys)
    {
        var missing = keys.Distinct().Where(key => !kernels.ContainsKey(key)).OrderBy(static key => key.Expression, StringComparer.Ordinal).ToList();
        if (missing.Count == 0)
            return;
        var module = GpuModule.Load(context, Program(name, missing, defines, load), cache);
        modules.Add(module);
        foreach (var key in missing)
            kernels.Add(key, module.Kernel(key.Expression));
    }

    /// <summary>The program with some kernels: the shared sources, then those that have the kernels, after what they need.</summary>
    public static KernelProgram Program(
        string name, IReadOnlyList<KernelKey> keys, IReadOnlyList<KernelDefine> defines, Func<string, KernelSource>? load = null) => new()
    {
        Name = name,
        Sources = [.. SharedSources.Concat(Files(keys)).Select(load ?? KernelSource.Load)],
        Defines = defines,
        Kernels = [.. keys.Select(static key => key.Expression)],
    };

    private static IEnumerable<string> Files(IReadOnlyList<KernelKey> keys)
    {
        var templates = keys.Select(static key => key.Template).OrderBy(static template => template.Source, StringComparer.Ordinal).ToList();
        return templates.SelectMany(static template => template.Headers).Concat(templates.Select(static template => template.Source)).Distinct();
    }

    /// <summary>Unloads the kernels.</summary>
    public void Dispose() => modules.ForEach(static module => module.Dispose());
}
