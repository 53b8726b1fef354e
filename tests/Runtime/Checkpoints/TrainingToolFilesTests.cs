using GptGen.Checkpoints;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>
/// What training tools change in the files of the same model is read as they mean it, and said; what is another model is explained.
/// </summary>
public sealed class TrainingToolFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TestModel model = TestModel.Create().Fill();

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("transformer.", null)]
    [InlineData("_orig_mod.transformer.", "'_orig_mod.'")]
    [InlineData("module._orig_mod.model.transformer.", "'_orig_mod.', 'model.', 'module.'")]
    [InlineData("base_model.model.transformer.", "'base_model.', 'model.'")]
    [InlineData("_forward_module.model.", "'_forward_module.', 'model.'")]
    [InlineData("_fsdp_wrapped_module.transformer.", "'_fsdp_wrapped_module.'")]
    [InlineData("gpt.", "'gpt.'")]
    [InlineData("student.model.transformer.", "'student.model.transformer.'")]
    public void WhatStandsBeforeTheNamesIsLeftOut(string prefix, string? said)
    {
        Write(Sources(name => prefix + name));
        var notes = AssertLoads();
        Assert.Equal(said is null ? [] : [said], notes.Select(static note => note.Split(" has ")[1].Split(" before")[0].Split(" in its")[0]));
    }

    [Fact]
    public void WrappersInTheMidstOfNamesAreLeftOut()
    {
        Write(Sources(static name => name.Replace("attn.c_", "_checkpoint_wrapped_module._orig_mod.attn.c_", StringComparison.Ordinal)));
        Assert.Contains("'_checkpoint_wrapped_module.', '_orig_mod.'", Assert.Single(AssertLoads()));
    }

    [Fact]
    public void TwoModelsInOneFileAreRefused()
    {
        Write([.. Sources(static name => "actor." + name), .. Sources(static name => "critic." + name)]);
        Assert.Contains("'actor.', 'critic.'", Refusal());
        Write([.. Sources(static name => name), .. Sources(static name => "module." + name)]);
        Assert.Contains("mean the same parameter", Refusal());
    }

    /// <summary>nanoGPT: nn.Linear's layout, masks, and a vocabulary of 64 more rows; attn.c_proj is square and does not show how it lies.</summary>
    [Fact]
    public void MatricesOfLinearLayersAreReadAsTheyLie()
    {
        Write([.. Turned(static _ => true).Select(Padded), Zeros("transformer.h.0.attn.bias", 1, 1, 6, 6)]);
        var notes = AssertLoads();
        Assert.Contains(notes, static note => note.Contains("[out, in]") && note.Contains("Activation.GeluErf"));
        Assert.Contains(notes, static note => note.Contains("13 rows of padding behind TestModel's 11 tokens"));
        Assert.Equal(2, notes.Count);
    }

    [Fact]
    public void MatricesOfBothLayoutsAreRefused()
    {
        Write(Turned(static name => name.Contains("c_attn")));
        Assert.Contains("both layouts", Refusal());
    }

    [Theory]
    [InlineData(11, 12, false)]
    [InlineData(11, 16, true)]
    [InlineData(11, 136, true)]
    [InlineData(11, 144, false)]
    [InlineData(11, 8, false)]
    [InlineData(256, 320, true)]
    [InlineData(256, 512, false)]
    [InlineData(50257, 50304, true)]
    [InlineData(50257, 51200, true)]
    [InlineData(50257, 50258, false)]
    [InlineData(50257, 65536, false)]
    public void RowsAreAddedUpToARoundNumberOnly(int vocabulary, int rows, bool isPadding) =>
        Assert.Equal(isPadding, VocabularyPadding.Covers(rows, vocabulary));

    [Fact]
    public void PaddingIsReadWithAConfigurationThatSaysIt()
    {
        Write("model.safetensors", Sources(static name => name).Select(Padded));
        folder.Write("config.json", ModelConfig.Format(model.Description).Replace("\"vocab_size\": 11", "\"vocab_size\": 24"));
        var notes = AssertLoads("");
        Assert.Equal(2, notes.Count);
        Assert.All(notes, static note => Assert.Contains("padding", note));
    }

    [Fact]
    public void AddedTokensAreNoPadding()
    {
        Write([Zeros("wte.weight", 13, 4), .. Sources(static name => name).Skip(1)]);
        Assert.Contains("'wte.weight' of shape [13, 4] where [11, 4] is needed", Refusal());
        Assert.Contains("13 tokens", Refusal());
    }

    [Theory]
    [InlineData("score.weight")]
    [InlineData("module.classifier.bias")]
    [InlineData("qa_outputs.weight")]
    [InlineData("v_head.summary.weight")]
    [InlineData("multiple_choice_head.summary.weight")]
    public void AHeadThatTheModelDoesNotHaveIsLeftOut(string name)
    {
        Write([.. Sources(static name => "transformer." + name), Zeros(name, 2, 4)]);
        Assert.Contains($"'{name}'", Assert.Single(AssertLoads()));
    }

    [Theory]
    [InlineData("optimizer_states.0.exp_avg")]
    [InlineData("lr_scheduler.last_lr")]
    public void StatesOfATrainingAreLeftOut(string name)
    {
        Write([.. Sources(static name => name), Zeros(name, 3)]);
        Assert.Contains(name, Assert.Single(AssertLoads()));
    }

    [Fact]
    public void MissingBiasesAreZeroAndZeroBiasesAreNone()
    {
        var plain = TestModel.Create().Fill();
        foreach (var bias in plain.Description.Parameters.Where(static parameter => parameter.Name.EndsWith(".bias", StringComparison.Ordinal)))
            plain.Parameters.Clear(bias.Offset, bias.Count);
        Write([.. Sources(plain).Where(static tensor => !tensor.Name.EndsWith(".bias", StringComparison.Ordinal))]);
        var loaded = TestModel.Create().Fill(seed: 5);
        var notes = new List<string>();
        ModelCheckpoint.Load(loaded, folder.File("x.safetensors"), notes.Add);
        Assert.Equal(plain.ReadAll(), loaded.ReadAll());
        Assert.Contains("no biases", Assert.Single(notes));

        using var biasless = new TestModel(plain.Description with
        {
            Biases = false,
            Parameters = [.. plain.Description.Parameters.Where(static parameter => !parameter.Name.EndsWith(".bias", StringComparison.Ordinal))],
        });
        Write(Sources(plain));
        notes.Clear();
        ModelCheckpoint.Load(biasless, folder.File("x.safetensors"), notes.Add);
        Assert.Contains("all zero", Assert.Single(notes));
        Write(Sources(model));
        Assert.Contains("Biases = true", Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(biasless, folder.File("x.safetensors"))).Message);
    }

    [Theory]
    [InlineData("base_model.model.h.0.attn.c_attn.lora_A.default.weight", "merge_and_unload")]
    [InlineData("h.0.crossattention.q_attn.weight", "attends to an encoder")]
    [InlineData("model.layers.0.self_attn.q_proj.weight", "Llama family")]
    [InlineData("gpt_neox.layers.0.attention.query_key_value.weight", "GPT-NeoX")]
    [InlineData("encoder.layer.0.attention.self.query.weight", "BERT family")]
    [InlineData("h.0.attn.c_attn.qweight", "quantised")]
    [InlineData("h.0.attn.rotary_emb.inv_freq", "rotary positions")]
    public void TensorsOfAnotherBodyAreExplained(string name, string explanation)
    {
        Write([.. Sources(static name => name), Zeros(name, 3)]);
        Assert.Contains(explanation, Refusal());
    }

    [Fact]
    public void AHeadWithABiasIsRefused()
    {
        Write([.. Sources(static name => name), new("lm_head.bias", [11], static (_, values) => values.Fill(1))]);
        Assert.Contains("'lm_head.bias'", Refusal());
    }

    /// <summary>The number of heads shows in no tensor; the file itself says it.</summary>
    [Fact]
    public void ALoneFileKnowsItsConfiguration()
    {
        ModelCheckpoint.Save(model, folder.File("x.safetensors"));
        Assert.Contains("n_head is 2, but TestModel has 4", Refusal(TestModel.Create(heads: 4)));
    }

    private static TensorSource Padded(TensorSource source) => !source.Name.EndsWith("wte.weight", StringComparison.Ordinal) ? source : source with
    {
        Shape = [24, source.Shape[1]],
        Read = (first, values) =>
        {
            var own = source.Shape[0] * source.Shape[1];
            var count = (int)Math.Clamp(own - first, 0, values.Length);
            source.Read(first, values[..count]);
            values[count..].Fill(9);
        },
    };

    private static TensorSource Zeros(string name, params long[] shape) => new(name, shape, static (_, values) => values.Clear());

    private static List<TensorSource> Sources(TestModel model) =>
        [.. ParameterTensors.Sources(model.Description, model.Parameters, static name => name)];

    private List<TensorSource> Sources(Func<string, string> name) => [.. ParameterTensors.Sources(model.Description, model.Parameters, name)];

    /// <summary>The tensors with matrices as they lie in memory, [out, in], under nanoGPT's names.</summary>
    private IEnumerable<TensorSource> Turned(Func<string, bool> isTurned) => Sources(static name => "transformer." + name).Zip(
        model.Description.Parameters,
        (source, parameter) => parameter.Layout != StoredLayout.Conv1D || !isTurned(parameter.Name) ? source : source with
        {
            Shape = [parameter.Rows, parameter.Columns],
            Read = (first, values) => model.Parameters.Read(parameter.Offset + (nint)first, values),
        });

    private void Write(IEnumerable<TensorSource> tensors) => Write("x.safetensors", tensors);

    private void Write(string name, IEnumerable<TensorSource> tensors) => SafetensorsWriter.Write(folder.File(name), tensors.ToList());

    private List<string> AssertLoads(string name = "x.safetensors")
    {
        var notes = new List<string>();
        var copy = TestModel.Create();
        ModelCheckpoint.Load(copy, Path.Combine(folder.Path, name), notes.Add);
        Assert.Equal(model.ReadAll(), copy.ReadAll());
        return notes;
    }

    private string Refusal(TestModel? target = null) =>
        Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(target ?? TestModel.Create(), folder.File("x.safetensors"))).Message;
}
