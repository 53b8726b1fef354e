using System.Text;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>
/// A mutated file of any format is read or refused in one line, and nothing else. The container of safetensors has
/// <see cref="SafetensorsFuzzTests"/>.
/// </summary>
public sealed class FormatMutantTests : IDisposable
{
    private const int Mutants = 2000;

    private readonly TemporaryFolder folder = new();
    private readonly TestModel model = TestModel.Create().Fill();

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void AConfiguration()
    {
        ModelCheckpoint.Save(model, folder.Path);
        Try("config.json", folder.Path, "{}[],:\"0129.eE-+ntfNaI\\u\uFEFF");
    }

    [Fact]
    public void AConfigurationInsideTheFile()
    {
        ModelCheckpoint.Save(model, folder.File("x.safetensors"));
        Try("x.safetensors", folder.File("x.safetensors"), "{}[],:\"0129.eE-\\", length: 1500);
    }

    [Fact]
    public void AnIndex()
    {
        var sources = ParameterTensors.Sources(model.Description, model.Parameters, static name => name).ToList();
        SafetensorsWriter.Write(folder.File("a.safetensors"), sources[..5]);
        SafetensorsWriter.Write(folder.File("b.safetensors"), sources[5..]);
        var map = sources.Select(static (source, at) => $"\"{source.Name}\": \"{(at < 5 ? 'a' : 'b')}.safetensors\"");
        folder.Write("model.safetensors.index.json", $$"""{"metadata": {"total_size": 5}, "weight_map": { {{string.Join(", ", map)}} } }""");
        Try("model.safetensors.index.json", folder.Path, "{}[],:\"ab01./\\");
    }

    [Fact]
    public void AModelOfLlmc()
    {
        ModelCheckpoint.Save(model, folder.File("x.bin"));
        Try("x.bin", folder.File("x.bin"), "\0\u0001\u007F\u00FF", length: 40);
    }

    [Fact]
    public void AModelOfLlamaCpp()
    {
        ModelCheckpoint.Save(model, folder.File("x.gguf"));
        Try("x.gguf", folder.File("x.gguf"), "\0\u0001\u0008\u007F\u00FF", length: 1200);
    }

    [Theory]
    [InlineData("params_shapes.json", "[],0129.-e")]
    [InlineData("params_0.npy", "'(),:{}<f4FT0129 ")]
    public void OpenAIsFiles(string name, string letters)
    {
        const string Shapes = "[[6, 4], [11, 4], [1, 4, 12], [12], [1, 4, 4], [4], [4], [4], [1, 4, 16], [16], [1, 16, 4], [4], [4], [4]]";
        folder.Write("params_shapes.json", Shapes);
        const int Count = 24 + 44 + 48 + 12 + 16 + 4 + 4 + 4 + 64 + 16 + 64 + 4 + 4 + 4;
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({Count},), }}".PadRight(117) + "\n";
        folder.Write("params_0.npy", [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. new byte[Count * 4]]);
        Try(name, folder.Path, letters, length: 128, target: TestModel.Create(layers: 1, isGpt1: true));
    }

    private void Try(string name, string weights, string letters, int length = int.MaxValue, TestModel? target = null)
    {
        var original = File.ReadAllBytes(folder.File(name));
        var alphabet = Encoding.Latin1.GetBytes(letters);
        var random = new Random(20);
        target ??= TestModel.Create();
        ModelCheckpoint.Load(target, weights);
        var (read, refused) = (0, 0);
        for (var mutant = 0; mutant < Mutants; mutant++)
        {
            File.WriteAllBytes(folder.File(name), Mutate(original, Math.Min(length, original.Length), alphabet, random));
            try
            {
                ModelCheckpoint.Load(target, weights, static note => Assert.DoesNotContain('\u001B', MessageText.OneLine(note)));
                ModelCheckpoint.Search(weights, [target.Description]);
                read++;
            }
            catch (GptGenException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                refused++;
            }
        }

        // Both happen, or the mutations would test nothing.
        Assert.True(read > 10 && refused > 500, $"{read} read, {refused} refused");
    }

    private static byte[] Mutate(byte[] original, int length, byte[] alphabet, Random random)
    {
        var bytes = original.ToList();
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var at = random.Next(Math.Min(length, bytes.Count));
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = alphabet[random.Next(alphabet.Length)];
                    break;
                case 2:
                    bytes.Insert(at, alphabet[random.Next(alphabet.Length)]);
                    break;
                case 3:
                    bytes.RemoveAt(at);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 60), bytes.Count - at)));
                    break;
                default:
                    bytes.RemoveRange(at, random.Next(3) == 0 ? bytes.Count - at : Math.Min(random.Next(1, 30), bytes.Count - at));
                    break;
            }

            if (bytes.Count == 0)
                bytes.Add((byte)' ');
        }

        return [.. bytes];
    }
}
