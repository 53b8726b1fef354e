using GptGen.Runtime.Tests.Models;
using GptGen.Translation;
using Xunit;

namespace GptGen.Runtime.Tests.Translation;

public class TranslatorTests
{
    /// <summary>As text generation says it.</summary>
    [Fact]
    public void ATokenizerWithMoreTokensThanTheModelIsRefused()
    {
        using var device = new CpuDevice(1);
        using var language = FewTokens.Create(device);
        using var translation = UnevenTranslator.Create(device);
        foreach (var model in (Model[])[language, translation])
        {
            var (tokenizer, description) = (PairSamples.Tokenizer, model.Description);
            Assert.Equal(
                $"The tokenizer '{tokenizer.Name}' has {tokenizer.VocabularySize} tokens, but {description.Name} has {description.Vocabulary}: "
                + "use the one that the model was trained with.",
                Assert.Throws<GptGenException>(() => Translator.Create(model, tokenizer)).Message);
        }

        using var fitting = PairGpt.Create(device);
        Assert.Equal(23, Translator.Create(fitting, PairSamples.Tokenizer).MostSourceTokens);
    }
}
