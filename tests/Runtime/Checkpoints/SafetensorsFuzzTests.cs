using System.Buffers.Binary;
using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

public sealed class SafetensorsFuzzTests
{
    private const int Files = 10_000;

    [Fact]
    public void AMutatedFileIsReadOrRefusedAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        var source = folder.File("source");
        var model = TestModel.Create(layers: 1).Fill();
        ModelCheckpoint.Save(model, source);
        var original = File.ReadAllBytes(Path.Combine(source, "model.safetensors"));
        var path = folder.File("mutated.safetensors");
        var random = new Random(20);
        var (read, refused) = (0, 0);
        for (var index = 0; index < Files; index++)
        {
            File.WriteAllBytes(path, Mutate(original, random));
            try
            {
                using (var file = SafetensorsFile.Open(path))
                {
                    foreach (var tensor in file.Tensors)
                        Assert.Equal(tensor.Count, file.ReadAll(tensor.Name).Length);
                }

                ModelCheckpoint.Load(model, path);
                read++;
            }
            catch (GptGenException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                refused++;
            }
        }

        // Both happen, or the mutations would test nothing.
        Assert.True(read > 100 && refused > 1000, $"{read} read, {refused} refused");
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = (byte[])original.Clone();
        var headerLength = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            switch (random.Next(6))
            {
                case 0:
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[8 + random.Next(Math.Min(headerLength, bytes.Length - 8))] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    // A printable character in the header: mostly still JSON.
                    bytes[8 + random.Next(Math.Min(headerLength, bytes.Length - 8))] = (byte)"0123456789[]{},:\"F\\ue-."[random.Next(23)];
                    break;
                case 3:
                    BinaryPrimitives.WriteInt64LittleEndian(bytes, random.Next(3) == 0 ? random.NextInt64() : headerLength + random.Next(-20, 20));
                    break;
                case 4:
                    bytes = bytes[..random.Next(16, bytes.Length + 1)];
                    break;
                default:
                    bytes = [.. bytes, .. new byte[random.Next(1, 9)]];
                    break;
            }
        }

        return bytes;
    }
}
