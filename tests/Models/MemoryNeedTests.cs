using System.Text.Json;
using GptGen.Cuda;
using GptGen.Distributed;
using GptGen.Models.Commands;
using GptGen.Models.Tests.Distributed;
using GptGen.Text;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>What work takes on the device and with the processes that do it.</summary>
public sealed class MemoryNeedTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>In bf16 activations take half and weights are kept in f32 too; GPUs hold more logits, and divide moments into equal pieces.</summary>
    [Fact]
    public void TrainingTakesWhatItsDeviceKeeps()
    {
        var model = Gpt2Small.Specification;
        double Bytes(DeviceMemory device, int ranks = 1) => MemoryNeed.TrainingBytes(model, 4, 1024, device, ranks: ranks);
        var parts = model.TrainingElements(4, 1024, 1024);
        double Elements(params ReadOnlySpan<BufferRole> roles)
        {
            var sum = 0.0;
            foreach (var role in roles)
                sum += parts.Where(part => part.Role == role).Sum(static part => (double)part.Elements);
            return sum;
        }

        var gpu = DeviceMemory.OfGpu(GpuPrecision.BFloat16, 1024);
        Assert.Equal(Bytes(DeviceMemory.Cpu), Bytes(DeviceMemory.OfGpu(GpuPrecision.TensorFloat32, 1024)));
        Assert.True(Elements(BufferRole.Activation) > Elements(BufferRole.Parameter), "Nothing would be told apart.");
        Assert.Equal(
            (2 * Elements(BufferRole.Parameter)) - (2 * Elements(BufferRole.Activation, BufferRole.Workspace)), Bytes(gpu) - Bytes(DeviceMemory.Cpu));
        var more = Bytes(gpu with { LogitRows = 4096 }) - Bytes(gpu);
        Assert.InRange(more, 3072.0 * sizeof(ushort) * model.Vocabulary, 3100.0 * sizeof(ushort) * model.Vocabulary);
        Assert.Equal(
            2.0 * sizeof(float) * (model.TrainedElements - Partition.OfEqualPieces(model, 8).Largest), Bytes(gpu) - Bytes(gpu, ranks: 8));
        Assert.NotEqual(Bytes(gpu) - Bytes(gpu, ranks: 8), Bytes(DeviceMemory.Cpu) - Bytes(DeviceMemory.Cpu, ranks: 8));
        using var device = new CpuDevice(1);
        Assert.Equal(DeviceMemory.Cpu, DeviceMemory.Of(device));
    }

    /// <summary>The batch that is listed fits, and one sequence more does not.</summary>
    [Fact]
    public void TheLargestBatchIsTheLargest()
    {
        const double Bytes = 24e9;
        using var listed = JsonDocument.Parse(CommandLine.Succeed("models", "--json", "--gigabytes", "24", "--precision", "bf16", "--ranks", "2"));
        var batches = listed.RootElement.EnumerateArray().ToDictionary(
            static model => model.GetProperty("model").GetString()!, static model => model.GetProperty("largest_batch").GetInt32());
        var device = DeviceMemory.OfGpu(GpuPrecision.BFloat16, 4096);
        foreach (var model in (ModelDescription[])[Gpt2Small.Specification, BertBase.Specification, TransformerXLMini4K.Specification])
        {
            var batch = batches[Zoo.Models.Single(entry => entry.Description == model).Name];
            Assert.True(batch > 1);
            Assert.InRange(Bytes, Of(model, batch), Of(model, batch + 1) - 1);
        }

        Assert.Equal(0, MemoryNeed.LargestBatch(Gpt2XL.Specification, 1024, device, Bytes));
        Assert.Contains("   batch  FLOPs\n", CommandLine.Succeed("models", "--gigabytes", "0.5").ReplaceLineEndings("\n"));

        double Of(ModelDescription model, int batch) => MemoryNeed.TrainingBytes(model, batch, model.Context, device, ranks: 2);
    }

    /// <summary>Of what reads on from segment to segment a process reads its own streams alone; other evaluations are divided by batches.</summary>
    [Fact]
    public void AnEvaluationTakesWhatOneProcessReads()
    {
        var data = folder.Write("text.txt", TinyRun.Text);
        double Bytes(ModelDescription model, int batch, Communicator? others)
        {
            var request = new EvaluationRequest([data], batch, 0, 0, default, new()) { Others = others };
            using var work = new TextWork(request, model, ByteTokenizer.Instance, TestContext.Current.CancellationToken);
            return work.Need(model).Bytes(model);
        }

        using var three = new SilentProcesses(3);
        foreach (var model in (ModelDescription[])[TransformerXLMini4K.Specification, ElmoMini4K.Specification])
        {
            Assert.Equal(Bytes(model, 3, null), Bytes(model, 8, three));
            Assert.True(Bytes(model, 8, null) > Bytes(model, 8, three));
        }

        Assert.Equal(Bytes(Gpt2Mini4K.Specification, 8, null), Bytes(Gpt2Mini4K.Specification, 8, three));
    }
}
