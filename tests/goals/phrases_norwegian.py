"""More goals in Norwegian as people write them, and what each says.

Today is 21 November 2026, at home in USD. A line: text | kind | amount | currency | months | codes
of the questions. Empty means not said.
"""

from __future__ import annotations

NORWEGIAN = """
Spar 200 000 til depositum innen juni | major_purchase | 200000 | USD | 7 |
en halv million til hus om fem år | major_purchase | 500000 | USD | 60 |
om tre år vil jeg ha 100 000 kr | custom | 100000 | NOK | 36 |
innen sommeren trenger jeg 30.000 kr | custom | 30000 | NOK | 7 |
før jeg fyller 60: 5 mill | custom | 5000000 | USD | | born
før sommeren 15 000,- til ny terrasse | major_purchase | 15000 | NOK | 7 |
til konfirmasjonen i mai 2027: 40 000 kr | custom | 40000 | NOK | 6 |
julegaver 5000 kr innen desember | custom | 5000 | NOK | 1 |
betale ned kredittkortet på 32 500 kr før påske | debt_payoff | 32500 | NOK | 4 |
nedbetale billånet, 140 000 kr, på 3 år | debt_payoff | 140000 | NOK | 36 |
bli kvitt 60 000 i forbruksgjeld innen nyttår | debt_payoff | 60000 | USD | 1 |
innfri studielånet (280 000 kr) innen 2035 | debt_payoff | 280000 | NOK | 97 |
slette all gjeld | debt_payoff | | USD | | debt when
jeg skylder 15 000 kr til mamma, tilbake innen mars | debt_payoff | 15000 | NOK | 4 |
buffer tilsvarende tre månedslønner | emergency_fund | | USD | | reserve when
bufferkonto med seks måneders utgifter innen 2028 | emergency_fund | | USD | 13 | reserve
nødbuffer 25k innen april | emergency_fund | 25000 | USD | 5 |
pensjon: 6 mill innen jeg er 67 | retirement | 6000000 | USD | | born
gå av med pensjon som 62-åring med 4 millioner kroner | retirement | 4000000 | NOK | | born
ha 3,5 MNOK i aksjer om 15 år | investment | 3500000 | NOK | 180 |
spare to tusen i måneden i fem år | custom | | USD | 60 | amount
sparer 1500 kr mnd til bil | major_purchase | | NOK | | amount when
3000 kr pr. måned til ferie i juli | travel | | NOK | 8 | amount
500 i uka i ett år | custom | | USD | 12 | amount monthly_other
kjøpe leilighet om halvannet år, trenger 450 000 | major_purchase | 450000 | USD | 18 |
egenkapital på 15 % av 4 millioner | major_purchase | | USD | | share when
15 prosent egenkapital til bolig på 3,8 millioner innen 2029 | major_purchase | | USD | 25 | share
ny bil til ca 350 000 kr om et par år | major_purchase | 350000 | NOK | | when
hytte på fjellet, 1,2 mill, i løpet av 8 år | major_purchase | 1200000 | USD | 96 |
oppussing av bad: 180 000 kr innen august 2027 | major_purchase | 180000 | NOK | 9 |
elsparkesykkel 6 500 kr om to måneder | major_purchase | 6500 | NOK | 2 |
bryllup i juni 2028 – 120 000 | major_purchase | 120000 | USD | 19 |
dåp til våren 20 000 kr | custom | 20000 | NOK | 4 |
spare til sydentur i vinterferien, 22 000 kr | travel | 22000 | NOK | | when
høstferie i London 12 000 kr | travel | 12000 | NOK | | when
tur til New York i september, 35 000 kr | travel | 35000 | NOK | 10 |
reise jorda rundt når jeg blir 50, 250 000 kr | travel | 250000 | NOK | | born
master i utlandet fra høsten 2028, 150 000 kr | education | 150000 | NOK | 22 |
førerkort 35 000 kr før jeg fyller 18 | custom | 35000 | NOK | | born
barnas utdanning: hundre tusen innen 2040 | education | 100000 | USD | 157 |
hundretusen kroner på to år | custom | 100000 | NOK | 24 |
tohundretusen kroner om 4 år | custom | 200000 | NOK | 48 |
to hundre og femti tusen kroner om 4 år | custom | 250000 | NOK | 48 |
en kvart million kroner om 6 år | custom | 250000 | NOK | 72 |
halvannen million om ti år | custom | 1500000 | USD | 120 |
én million innen 2035 | custom | 1000000 | USD | 97 |
en mill på ti år | custom | 1000000 | USD | 120 |
1 mill. innen 2035 | custom | 1000000 | USD | 97 |
et par millioner om ti år | custom | | USD | 120 | amount
noen tusen kroner om et år | custom | | NOK | 12 | amount
25 tusenlapper til tur | travel | 25000 | USD | | when
ti tusen spenn om ett år | custom | 10000 | NOK | 12 |
100 000 kr. innen 1. mai | custom | 100000 | NOK | 5 |
100 000 kroner innen 17. mai 2028 | custom | 100000 | NOK | 17 |
50 000 innen 31.12.2027 | custom | 50000 | USD | 13 |
50 000 kr innen 31/12-2027 | custom | 50000 | NOK | 13 |
50 000 kr innen 01.06.27 | custom | 50000 | NOK | 6 |
innen utgangen av året: 10 000 kr | custom | 10000 | NOK | 1 |
innen årsskiftet 2027/28 20 000 kr | custom | 20000 | NOK | 13 |
innen juni 2024 10 000 kr | custom | 10000 | NOK | | past
neste år 40 000 kr | custom | 40000 | NOK | | when_next_year
til neste sommer 25 000 | custom | 25000 | USD | 7 |
om fire-fem år 200 000 kr | custom | 200000 | NOK | | when
om 2-3 år 200 000 kr | custom | 200000 | NOK | | when
mellom 100 og 150 tusen om 3 år | custom | | USD | 36 | range
100-150 tusen kroner om 3 år | custom | | NOK | 36 | range
rundt 80 000 kr om cirka 2 år | custom | 80000 | NOK | 24 |
minst 60 000 kr innen 10 mnd | custom | 60000 | NOK | 10 |
jeg har 50 000 og vil ha 200 000 om fire år | custom | 200000 | USD | 48 |
legge av 2.500,- i mnd til jeg har 30 000,- til ny pc | major_purchase | 30000 | NOK | | when
Spare 10000kr på 6mnd | custom | 10000 | NOK | 6 |
10000kr/mnd i 2år | custom | | NOK | 24 | amount
300k til hus om 3år | major_purchase | 300000 | USD | 36 |
kr 1.250.000,- innen 2030 | custom | 1250000 | NOK | 37 |
NOK 99,90 om en måned | custom | 99.90 | NOK | 1 |
kr. 5 000 om 2 mnd. | custom | 5000 | NOK | 2 |
5 000,00 kr om 2 mnd. | custom | 5000 | NOK | 2 |
hytte 2032, 2 mill | major_purchase | 2000000 | USD | | when_year
spare 100 000 kr på 2 år uten å røre bufferen | custom | 100000 | NOK | 24 |
maks 3000 i måneden, bil til 120 000 kr | major_purchase | 120000 | NOK | | when
bil til 90 000 kr på 2 år uten risiko | major_purchase | 90000 | NOK | 24 |
doble de 50 000 kronene mine på ti år | custom | | NOK | 120 | amount
2 000 kr hver til fire sykler innen mai | major_purchase | | NOK | 6 | amount
halvparten av lønna på 40 000 kr | custom | | NOK | | amount when
feriepenger 30 000 kr i juni til ny mobil | major_purchase | 30000 | NOK | 7 |
om ei uke 500 kr | custom | 500 | NOK | 1 |
på tretti år: sju millioner | custom | 7000000 | USD | 360 |
seksti tusen på et halvt år | custom | 60000 | USD | 6 |
førtifem tusen kroner om ni måneder | custom | 45000 | NOK | 9 |
40 000 til mopedlappen innen august | custom | 40000 | USD | 9 |
vi vil kjøpe hus om 4-5 år og trenger 600 000 i egenkapital | major_purchase | 600000 | USD | | when
spar 1 million til pensjon innen jeg er 62 | retirement | 1000000 | USD | | born
ha 100k på bok innen nyttår | custom | 100000 | USD | 1 |
200.000 kroner til studier i USA om 18 mnd | education | 200000 | NOK | 18 |
betale tilbake 20.000 til foreldrene mine innen et år | debt_payoff | 20000 | USD | 12 |
10 000 i måneden i ti år | custom | | USD | 120 | amount
5 mill. innen 2040 | custom | 5000000 | USD | 157 |
to millioner om tjue år | custom | 2000000 | USD | 240 |
jeg trenger tjuefem tusen til tannlegen innen mars | custom | 25000 | USD | 4 |
spare 15000 i løpet av høsten | custom | 15000 | USD | 10 |
gjeldfri før jeg blir 40, 1,2 millioner i lån | debt_payoff | 1200000 | USD | | born
kr 5000,- om 3 mnd | custom | 5000 | NOK | 3 |
spare til en bil til 150 000 innen 2 år med 4 000 i måneden | major_purchase | 150000 | USD | 24 |
200 000 om to år og 300 000 om fire år | custom | | USD | | two_amounts two_times
60 000 til bryllup 15. august 2027 | major_purchase | 60000 | USD | 8 |
50 000 til bryllup den 15.8.2027 | major_purchase | 50000 | USD | 8 |
pengebinge på 10 millioner før jeg er 50 | custom | 10000000 | USD | | born
nytt kjøkken 2027, 180 000 | major_purchase | 180000 | USD | | when_year
åtti tusen til MC-lappen og sykkel neste vår | major_purchase | 80000 | USD | 4 |
en tur til månen for en milliard innen 2050 | travel | 1000000000 | USD | 277 |
100 000 på BSU innen jeg blir 33 | custom | 100000 | USD | | born
betale ned 3 mill på huslånet på 20 år | debt_payoff | 3000000 | USD | 240 |
jeg vil ha råd til barn om 3 år, 60 000 kr | custom | 60000 | NOK | 36 |
ferie 20k uten å bruke kredittkort | travel | 20000 | USD | | when
kjøpe bil, 80 000 kr, før sommerferien | major_purchase | 80000 | NOK | | when
feriereise til Thailand i februar 2028 for 55000 kr | travel | 55000 | NOK | 15 |
en ny kjøkkenmaskin til 6 999 kr i løpet av tre måneder | major_purchase | 6999 | NOK | 3 |
"""
