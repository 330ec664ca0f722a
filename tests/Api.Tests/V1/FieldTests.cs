using System.Text;
using Actors.Api.V1;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Users;
using CsCheck;

namespace Actors.Api.Tests.V1;

/// <summary>Single fields and lines, as they come from outside.</summary>
public sealed class FieldTests
{
    [Theory]
    [InlineData("2026-11-22T09:30:00Z", "2026-11-22T09:30:00.000Z")]
    [InlineData("2026-11-22T09:30:00.5Z", "2026-11-22T09:30:00.500Z")]
    [InlineData("2026-11-22T09:30:00.123999Z", "2026-11-22T09:30:00.123Z")]
    [InlineData("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z")]
    public void A_time_is_read_to_the_millisecond(string text, string expected)
    {
        Assert.True(Rfc3339.TryParse(text, out var at));
        Assert.Equal(expected, at.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-22")]
    [InlineData("2026-11-22T09:30:00")]
    [InlineData("2026-11-22T09:30:00+01:00")]
    [InlineData("2026-11-22 09:30:00Z")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("2026-02-30T00:00:00Z")]
    [InlineData("1763800000")]
    public void A_time_that_is_not_UTC_in_RFC_3339_is_refused(string text) => Assert.False(Rfc3339.TryParse(text, out _));

    [Fact]
    public void A_written_time_is_read_back_as_it_was() =>
        Gen.Long[0, 253_402_300_799_999].Sample(ms => Rfc3339.TryParse(new Instant(ms).ToString(), out var at) && at.Milliseconds == ms);

    [Fact]
    public void Every_fictional_number_leads_back_to_its_id() =>
        Gen.Select(Gen.Int[0, Ids.SerialsMax - 1], Gen.Int[0, FictionalNumbers.PerBusinessMax - 1]).Sample((serial, index) =>
        {
            var id = Ids.PhoneNumber(Ids.Business(serial), index);
            var number = FictionalNumbers.Of(id);
            return number is >= 999_000_000_000_000 and <= 999_999_999_999_999 && FictionalNumbers.TryIdOf(number, out var back) && back == id
                && PhoneDigits.TryParse(FictionalNumbers.Display(number), out var digits) && digits == number;
        });

    [Theory]
    [InlineData(998_999_999_999_999)]
    [InlineData(491_701_234_567)]
    public void A_number_outside_the_fictional_range_leads_to_no_id(long number) => Assert.False(FictionalNumbers.TryIdOf(number, out _));

    [Fact]
    public void Lines_are_numbered_as_an_editor_numbers_them_and_empty_ones_are_left_out()
    {
        var lines = JsonLines.Split(Encoding.UTF8.GetBytes("{1}\r\n\n  \t\r\n{4}\n{5}")).ToArray();

        Assert.Equal([1, 4, 5], lines.Select(l => l.Number));
        Assert.Equal(["{1}", "{4}", "{5}"], lines.Select(l => Encoding.UTF8.GetString(l.Bytes.Span)));
    }

    [Fact]
    public void Every_byte_of_a_body_is_in_a_line_or_ends_one() =>
        Gen.Byte[9, 14].Array[0, 60].Sample(body =>
        {
            var lines = body.AsSpan().Count((byte)'\n');
            return JsonLines.Split(body).All(l => l.Number >= 1 && l.Number <= lines + 1 && !l.Bytes.Span.Contains((byte)'\n'));
        });

    [Theory]
    [InlineData("marketing,utility", Categories.Marketing | Categories.Utility)]
    [InlineData("authentication", Categories.Authentication)]
    public void Categories_are_a_set_of_words(string words, Categories expected)
    {
        var checks = new Checks();
        Assert.Equal(expected, checks.CategorySet("categories", words.Split(',')));
        Assert.True(checks.Hold);
        Assert.Equal(expected, new Checks().CategorySet("categories", Words.Of(expected)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("service")]
    [InlineData("Marketing")]
    [InlineData("marketing,marketing")]
    [InlineData("all")]
    [InlineData("4")]
    public void Categories_of_other_words_are_refused(string words)
    {
        var checks = new Checks();
        checks.CategorySet("categories", words.Split(','));
        Assert.Equal("categories", Assert.Single(checks.Faults).Field);
    }

    [Fact]
    public void Every_word_of_a_list_is_read_back_as_what_it_stands_for()
    {
        Assert.All(Enum.GetValues<ConsentSource>(), s => Assert.Equal(s, Words.Parse<ConsentSource>(Words.Of(s))));
        Assert.All(Enum.GetValues<ComplaintReason>(), r => Assert.Equal(r, Words.Parse<ComplaintReason>(Words.Of(r))));
        Assert.Null(Words.Parse<Feedback>("none"));
        Assert.Null(Words.Parse<Category>("service"));
        Assert.Null(Words.Parse<Verification>("not_verified"));
    }

    [Theory]
    [InlineData("a\u0007b", false)]
    [InlineData("a\nb", false)]
    [InlineData("   ", false)]
    [InlineData("", false)]
    [InlineData("Zoë & Ко", true)]
    public void Text_is_one_line_without_control_characters(string text, bool good)
    {
        var checks = new Checks();
        checks.Text("name", text, 64);
        Assert.Equal(good, checks.Hold);
    }

    [Fact]
    public void Text_may_have_lines_where_they_are_allowed()
    {
        var checks = new Checks();
        checks.Text("wording", "one\r\ntwo\tthree", 64, lines: true);
        Assert.True(checks.Hold);
    }
}
