using GptGen.MiniLm;

namespace GptGen.Benchmarks.Onnx;

/// <summary>The model's folder, as long as a run lasts.</summary>
internal sealed class WrittenFolder : IDisposable
{
    public WrittenFolder() => MiniLmFolder.Write(Path);

    public string Path { get; } = Directory.CreateTempSubdirectory("gptgen-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
