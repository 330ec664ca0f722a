using Actors.Api.V1;
using CsCheck;

namespace Actors.Api.Tests.V1;

public sealed class CursorTests
{
    [Fact]
    public void A_cursor_leads_back_to_its_place() =>
        Gen.Long[0, long.MaxValue].Sample(place =>
            Cursor.TryDecode(CursorKind.Events, Cursor.Encode(CursorKind.Events, place), out var back) && back == place);

    [Fact]
    public void A_cursor_of_another_list_is_refused() =>
        Gen.Long[0, long.MaxValue].Sample(place => !Cursor.TryDecode(CursorKind.Audit, Cursor.Encode(CursorKind.Events, place), out _));

    [Fact]
    public void A_cursor_with_one_character_changed_is_refused()
    {
        var cursor = Cursor.Encode(CursorKind.Inbox, 1_234_567);
        for (var i = 0; i < cursor.Length; i++)
        {
            var changed = cursor.ToCharArray();
            changed[i] = changed[i] == 'A' ? 'Z' : 'A';
            Assert.False(Cursor.TryDecode(CursorKind.Inbox, changed, out _), $"character {i}");
        }
    }

    [Fact]
    public void Any_text_is_a_cursor_or_none_and_never_an_exception() =>
        Gen.String.Sample(text => Cursor.TryDecode(CursorKind.Events, text, out var place) ? place >= 0 : place == 0);
}
