using System.Text;
using Actors.Policy.Users;
using static Actors.Policy.Tests.Some;

namespace Actors.Policy.Tests.Users;

public sealed class WordFoldingTests
{
    [Theory]
    [InlineData("STOP")]
    [InlineData("stop")]
    [InlineData("  Stop \r\n")]
    [InlineData("stop.")]
    [InlineData("STOP!!! ...")]
    [InlineData("\"Stop\"")]
    [InlineData("¡stop!")]
    [InlineData("ＳＴＯＰ")]
    [InlineData("𝐒𝐭𝐨𝐩")]
    [InlineData("ⓢⓣⓞⓟ")]
    [InlineData("s\u200Bto\u00ADp")]
    [InlineData("sto\u0301p")]
    [InlineData("ŠTÓP")]
    [InlineData("\uFEFFstop\uFE0F")]
    [InlineData("st\u0001op")]
    public void What_does_not_make_it_another_word_is_folded_away(string text) => Assert.Equal("STOP", WordFolding.Fold(text));

    [Theory]
    [InlineData("ARRÊT", "ARRET")]
    [InlineData("Arre\u0302t !", "ARRET")]
    [InlineData("baja\u00A0todo", "BAJA TODO")]
    [InlineData("BAJA \t\n  TODO", "BAJA TODO")]
    [InlineData("ﬁn", "FIN")]
    [InlineData("Ⅳ", "IV")]
    [InlineData("стоп", "СТОП")]
    [InlineData("ё", "Е")]
    [InlineData("τέλος", "ΤΕΛΟΣ")]
    [InlineData("１２3", "123")]
    [InlineData("停止", "停止")]
    [InlineData("a-b", "A-B")]
    [InlineData("x . y .", "X . Y")]
    [InlineData("...", "")]
    [InlineData("", "")]
    [InlineData(" ", "")]
    public void Everything_else_stays(string text, string folded) => Assert.Equal(folded, WordFolding.Fold(text));

    [Fact]
    public void Half_a_character_is_no_reason_to_fail() => Assert.Equal("A\uFFFDB", WordFolding.Fold("a\uD800b"));

    [Theory]
    [InlineData("please stop")]
    [InlineData("stop it")]
    [InlineData("sto p")]
    [InlineData("stopp")]
    public void Only_the_whole_message_is_the_word(string text) => Assert.NotEqual("STOP", WordFolding.Fold(text));

    [Fact]
    public void Folding_twice_is_folding_once()
    {
        var every = new StringBuilder("a");
        foreach (var value in Enumerable.Range(1, 0x1FFFF).Where(Rune.IsValid))
        {
            every.Append(new Rune(value));
        }

        var once = WordFolding.Fold(every.Append('b').ToString());
        Assert.Equal(once, WordFolding.Fold(once));
    }

    [Theory]
    [InlineData("STOP", EventKind.Stopped)]
    [InlineData("Unsubscribe", EventKind.Stopped)]
    [InlineData("baja", EventKind.Stopped)]
    [InlineData("Stopp!", EventKind.Stopped)]
    [InlineData("Arrêt", EventKind.Stopped)]
    [InlineData("parar", EventKind.Stopped)]
    [InlineData("stop all", EventKind.OptedOut)]
    [InlineData("Stop tutto", EventKind.OptedOut)]
    [InlineData("baja todo", EventKind.OptedOut)]
    public void The_stop_words_of_the_policy_work_out_of_the_box(string text, EventKind kind)
    {
        var change = InboundGate.Decide(With(OptedIn()), Says(text), Numbers, Now).Done();
        Assert.Equal([EventKind.Inbound, kind], change.Kinds());
    }

    [Theory]
    [InlineData("start")]
    [InlineData("Resume.")]
    [InlineData("ALTA")]
    public void The_start_words_of_the_policy_work_out_of_the_box(string text)
    {
        var change = InboundGate.Decide(With(OptedIn() with { Stop = MarketingStop.ByWord }), Says(text), Numbers, Now).Done();
        Assert.Equal([EventKind.Inbound, EventKind.Resumed], change.Kinds());
    }
}
