using Actors.Contracts;
using CsCheck;

namespace Actors.Grains.Tests.Contracts;

public sealed class IdsTests
{
    private static readonly Gen<int> Serial = Gen.Int[0, Ids.SerialsMax - 1];
    private static readonly Gen<int> Index = Gen.Int[0, 999_999];

    [Fact]
    public void An_id_says_what_it_is_and_whose() => Gen.Select(Serial, Index).Sample((serial, index) =>
    {
        var business = Ids.Business(serial);
        var number = Ids.PhoneNumber(business, index);
        var template = Ids.Template(business, index);
        Assert.Equal(
            (IdKind.Business, IdKind.PhoneNumber, IdKind.Template), (Ids.KindOf(business), Ids.KindOf(number), Ids.KindOf(template)));
        Assert.All([business, number, template], id => Assert.Equal(business, Ids.BusinessOf(id)));
    });

    [Fact]
    public void Ids_of_different_things_differ() => Gen.Select(Serial, Index, Serial, Index).Where(t => (t.Item1, t.Item2) != (t.Item3, t.Item4)).Sample(t =>
        Assert.NotEqual(Ids.Template(Ids.Business(t.Item1), t.Item2), Ids.Template(Ids.Business(t.Item3), t.Item4)));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(Ids.SerialsMax - 1, 999_999)]
    public void Ids_have_sixteen_digits_and_are_below_two_to_the_fifty_third(int serial, int index)
    {
        var business = Ids.Business(serial);
        Assert.All(
            [business, Ids.PhoneNumber(business, index), Ids.Template(business, index)],
            id => Assert.InRange(id, 1_000_000_000_000_000, (1L << 53) - 1));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(Ids.SerialsMax)]
    public void A_serial_out_of_range_is_refused(int serial) => Assert.Throws<ArgumentOutOfRangeException>(() => Ids.Business(serial));

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public void An_index_out_of_range_is_refused(int index)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Ids.PhoneNumber(Ids.Business(1), index));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ids.Template(Ids.Business(1), index));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(999_999_999_999_999)]
    [InlineData(1_000_000_000_000_001)]
    [InlineData(5_000_000_000_000_000)]
    [InlineData(-1_000_000_000_000_000)]
    [InlineData(4_915_112_345_678)]
    public void What_is_no_id_of_ours_is_known_as_such(long id)
    {
        Assert.Equal(IdKind.Unknown, Ids.KindOf(id));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ids.BusinessOf(id));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4_915_112_345_678)]
    public void A_number_belongs_only_to_a_business(long business) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Ids.PhoneNumber(business, 0));
}
